package steadfast

// NamespaceQuota is how much one namespace may hold; nil bounds nothing.
type NamespaceQuota struct {
	// Instances are present ones, remembered ones, and addresses with orders that wait for somebody to come.
	Instances *uint32 `json:"instances_max"`
	// Services stay for as long as the registry lives.
	Services *uint32 `json:"services_max"`
}

// NamespaceCounts is what there is in a namespace.
type NamespaceCounts struct {
	Namespace string `json:"namespace"`
	Services  uint64 `json:"services"`
	// Instances is what counts against the quota: present ones, remembered ones, and addresses with orders only.
	Instances uint64 `json:"instances"`
	// Present are the present ones among them.
	Present uint64         `json:"present"`
	Quota   NamespaceQuota `json:"quota"`
}
