package ports

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshctl/meshctl/pkg/finding"
	"github.com/meshctl/meshctl/pkg/rule"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

func serverFirst() *rule.Rule {
	return &rule.Rule{
		ID: "SVC006", Name: "server-speaks-first", Category: category, Severity: finding.Warning,
		Stages: analyze(), Needs: []snapshot.Part{snapshot.Services},
		Summary: "A port looks like a protocol in which the server speaks first, and declares none.",
		Why:     "istiod waits for the client's first bytes to find the protocol out, while the client waits for the server: every connection hangs until that times out.",
		Fix:     "Set appProtocol: tcp, or begin the port's name with tcp-.",
		Hints:   []string{"S14"},
		Run: func(p *rule.Pass) {
			looked, known := 0, firstSpeakers()
			for _, s := range services(p.Snapshot) {
				if s.Spec.Type == corev1.ServiceTypeExternalName {
					continue
				}
				looked++
				for i, port := range s.Spec.Ports {
					if !undeclared(port) {
						continue
					}
					if what := speaksFirst(known, s, port); what != "" {
						p.Reportf(snapshot.Place(s, undeclaredPath(port, i)), "port %s looks like %s, in which the server speaks first, and declares no protocol; set appProtocol: tcp, or begin its name with tcp-", portName(port), what)
						break
					}
				}
			}
			p.Lookedf("the ports of %s; istiod itself knows ports 25, 53, 3306 and 27017", finding.Count(looked, "Service"))
		},
	}
}

// speaksFirst names the protocol that a port looks like, if the server speaks
// first in it: by the words of its name and its target's, by its number, or by
// the Service's name where it has one port only.
func speaksFirst(known map[string]string, s *corev1.Service, p corev1.ServicePort) string {
	for _, word := range slices.Concat(words(p.Name), words(p.TargetPort.StrVal)) {
		if what, ok := known[word]; ok {
			return what
		}
	}
	if what, ok := known[s.Name]; ok && len(s.Spec.Ports) == 1 {
		return what
	}
	if p.Name != "" && !slices.Contains([]string{"default", "main", "port", "server", "service"}, p.Name) {
		return "" // the name says that it is something else
	}
	for _, number := range []int32{p.Port, p.TargetPort.IntVal} {
		if what, ok := known[fmt.Sprint(number)]; ok {
			return what
		}
	}
	return ""
}

// firstSpeakers are protocols in which the server speaks first, by words and
// port numbers.
func firstSpeakers() map[string]string {
	return map[string]string{
		"smtp": "SMTP", "submission": "SMTP", "587": "SMTP", "25": "SMTP",
		"mysql": "MySQL", "mariadb": "MariaDB", "3306": "MySQL", "mongo": "MongoDB", "mongodb": "MongoDB", "27017": "MongoDB",
		"ftp": "FTP", "21": "FTP", "imap": "IMAP", "143": "IMAP", "pop": "POP3", "pop3": "POP3", "110": "POP3",
		"ssh": "SSH", "sftp": "SSH", "22": "SSH",
	}
}
