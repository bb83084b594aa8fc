package meshgen

// What is written, with %[1]s for a name and %[2]s for its namespace.
const (
	namespaceYAML = `apiVersion: v1
kind: Namespace
metadata:
  name: %s
  labels:
    istio-injection: enabled
---
`
	sidecarYAML = `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata:
  name: default
  namespace: %s
spec:
  egress:
  - hosts:
    - ./*
    - istio-system/*
---
`
	peerAuthenticationYAML = `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: %s
spec:
  mtls:
    mode: STRICT
---
`
	gatewayYAML = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata:
  name: public
  namespace: %s
spec:
  selector:
    istio: ingressgateway
  servers:
  - port:
      number: 443
      name: https
      protocol: HTTPS
    tls:
      mode: SIMPLE
      credentialName: team-%d-cert
    hosts:
    - team-%[2]d.example.com
---
`
	serviceYAML = `apiVersion: v1
kind: Service
metadata:
  name: %[1]s
  namespace: %[2]s
  labels:
    app: %[1]s
spec:
  selector:
    app: %[1]s
  ports:
  - name: http
    port: 8080
    targetPort: 8080
---
`
	deploymentYAML = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: %[1]s
  namespace: %[2]s
spec:
  replicas: 2
  selector:
    matchLabels:
      app: %[1]s
  template:
    metadata:
      labels:
        app: %[1]s
        version: v1
    spec:
      containers:
      - name: app
        image: registry.example.com/%[1]s:1.%[3]d
        ports:
        - name: http
          containerPort: 8080
        readinessProbe:
          httpGet:
            path: /healthz
            port: 8080
---
`
	destinationRuleYAML = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: %[1]s
  namespace: %[2]s
spec:
  host: %[1]s.%[2]s.svc.cluster.local
  trafficPolicy:
    connectionPool:
      tcp:
        maxConnections: 100
  subsets:
  - name: v1
    labels:
      version: v1
---
`
	virtualServiceYAML = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: %[1]s
  namespace: %[2]s
spec:
  hosts:
  - %[1]s.%[2]s.svc.cluster.local
  http:
  - match:
    - uri:
        prefix: /api/v%[5]d
    timeout: 5s
    route:
    - destination:
        host: %[3]s.%[4]s.svc.cluster.local
        subset: v1
        port:
          number: 8080
  - route:
    - destination:
        host: %[1]s.%[2]s.svc.cluster.local
        subset: v1
        port:
          number: 8080
---
`
	serviceEntryYAML = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: %[1]s
  namespace: %[2]s
spec:
  hosts:
  - %[1]s.partner.example.com
  location: MESH_EXTERNAL
  resolution: DNS
  ports:
  - number: 443
    name: tls
    protocol: TLS
---
`
	authorizationPolicyYAML = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: %[1]s
  namespace: %[2]s
spec:
  selector:
    matchLabels:
      app: %[1]s
  rules:
  - from:
    - source:
        namespaces:
        - %[2]s
---
`
)
