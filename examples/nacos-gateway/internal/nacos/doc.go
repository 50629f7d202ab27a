// Package nacos holds what Nacos' 1.x HTTP API looks like on the wire: how clients write parameters, names and beats,
// and the JSON that they expect in return. It knows no registry.
package nacos
