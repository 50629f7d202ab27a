module github.com/steadfast-registry/steadfast/examples/nacos-gateway

go 1.24

require github.com/steadfast-registry/steadfast/bindings/go v0.0.0

replace github.com/steadfast-registry/steadfast/bindings/go => ../../bindings/go
