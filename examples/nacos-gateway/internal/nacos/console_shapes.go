package nacos

// CatalogInstances is the reply to GET catalog/instances: one page of a cluster, disabled instances included.
type CatalogInstances struct {
	List  []Instance `json:"list"`
	Count int        `json:"count"`
}

// CatalogService is the reply to GET catalog/service: the head of the console's detail page.
type CatalogService struct {
	Service  CatalogHead      `json:"service"`
	Clusters []CatalogCluster `json:"clusters"`
}

// CatalogHead is a service without its instances.
type CatalogHead struct {
	Name             string   `json:"name"`
	GroupName        string   `json:"groupName"`
	ProtectThreshold float64  `json:"protectThreshold"`
	Selector         Selector `json:"selector"`
	Metadata         struct{} `json:"metadata"`
}

// Selector is Nacos' way to choose instances by labels; here always "none".
type Selector struct {
	Type string `json:"type"`
}

// CatalogCluster is a cluster without its instances. Nothing is probed by the gateway, so the checker is "NONE".
type CatalogCluster struct {
	Name             string   `json:"name"`
	ServiceName      string   `json:"serviceName"`
	HealthChecker    Selector `json:"healthChecker"`
	DefaultPort      int      `json:"defaultPort"`
	DefaultCheckPort int      `json:"defaultCheckPort"`
	UseIPPort4Check  bool     `json:"useIPPort4Check"`
	Metadata         struct{} `json:"metadata"`
}

// CatalogServices is the reply to GET catalog/services: one page of the console's list.
type CatalogServices struct {
	ServiceList []CatalogRow `json:"serviceList"`
	Count       int          `json:"count"`
}

// CatalogRow is one line of that list. TriggerFlag says in a text whether the protect threshold is reached.
type CatalogRow struct {
	Name                 string `json:"name"`
	GroupName            string `json:"groupName"`
	ClusterCount         int    `json:"clusterCount"`
	IPCount              int    `json:"ipCount"`
	HealthyInstanceCount int    `json:"healthyInstanceCount"`
	TriggerFlag          string `json:"triggerFlag"`
}

// Namespaces is the reply to GET console/namespaces.
type Namespaces struct {
	Code    int         `json:"code"`
	Message *string     `json:"message"`
	Data    []Namespace `json:"data"`
}

// Namespace is one namespace; the default one has an empty id there. Type 0 is the default one, 2 any other.
type Namespace struct {
	ID          string `json:"namespace"`
	ShowName    string `json:"namespaceShowName"`
	Quota       int    `json:"quota"`
	ConfigCount int    `json:"configCount"`
	Type        int    `json:"type"`
}

// ServerState is the reply to GET console/server/state; function_mode "naming" hides the console's other half.
type ServerState struct {
	StandaloneMode string `json:"standalone_mode"`
	FunctionMode   string `json:"function_mode"`
	Version        string `json:"version"`
}
