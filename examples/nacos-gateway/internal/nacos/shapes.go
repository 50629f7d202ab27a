package nacos

// Instance is one instance in Nacos' JSON, with the fields of 1.4.1.
type Instance struct {
	InstanceID  string            `json:"instanceId"`
	IP          string            `json:"ip"`
	Port        uint16            `json:"port"`
	Weight      float64           `json:"weight"`
	Valid       bool              `json:"valid"`
	Healthy     bool              `json:"healthy"`
	Marked      bool              `json:"marked"`
	Enabled     bool              `json:"enabled"`
	Ephemeral   bool              `json:"ephemeral"`
	ClusterName string            `json:"clusterName"`
	ServiceName string            `json:"serviceName"`
	Metadata    map[string]string `json:"metadata"`
}

// ServiceInfo is a list of instances as clients cache it. Name must be grouped and Clusters echoed exactly, because
// both make up the client's cache key; LastRefTime must never go back.
type ServiceInfo struct {
	Name            string     `json:"name"`
	GroupName       string     `json:"groupName"`
	Dom             string     `json:"dom"`
	Clusters        string     `json:"clusters"`
	CacheMillis     int64      `json:"cacheMillis"`
	Hosts           []Instance `json:"hosts"`
	LastRefTime     int64      `json:"lastRefTime"`
	Checksum        string     `json:"checksum"`
	UseSpecifiedURL bool       `json:"useSpecifiedURL"`
	Env             string     `json:"env"`
	Metadata        struct{}   `json:"metadata"`
}

// Detail is the reply to GET instance.
type Detail struct {
	Service     string            `json:"service"`
	IP          string            `json:"ip"`
	Port        uint16            `json:"port"`
	ClusterName string            `json:"clusterName"`
	Weight      float64           `json:"weight"`
	Healthy     bool              `json:"healthy"`
	Enabled     bool              `json:"enabled"`
	InstanceID  string            `json:"instanceId"`
	Metadata    map[string]string `json:"metadata"`
}

// ServiceList is the reply to GET service/list.
type ServiceList struct {
	Count int      `json:"count"`
	Doms  []string `json:"doms"`
}

// Metrics is the reply to GET operator/metrics; clients read Status only.
type Metrics struct {
	Status        string `json:"status"`
	ServiceCount  int    `json:"serviceCount"`
	InstanceCount int    `json:"instanceCount"`
}
