package nacos

import "strings"

// The agents of the SDKs, as Nacos 1.4.1 knows them. A browser, curl or a script has another one.
var sdkAgents = []string{
	"Nacos-Java-Client",
	"Nacos-SDK-Java",
	"Nacos-Go-Client",
	"Nacos-Python-Client",
	"Nacos-CSharp-Client",
	"Nacos-C-Client",
	"Nacos-Php-Client",
	"Nacos-DNS",
}

// IsSDK says whether a User-Agent header is that of an SDK, which only programs that register themselves send.
func IsSDK(userAgent string) bool {
	for _, agent := range sdkAgents {
		if strings.HasPrefix(userAgent, agent) {
			return true
		}
	}
	return false
}
