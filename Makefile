# Every target needs only Go, git and make; the Go toolchain fetches the rest.

VERSION    := $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
GO         := go
STRIP      := -s -w
# As Istio's own release build: without cgo and without Envoy's generated
# validation, which nothing here calls. A third less memory and start-up time.
export CGO_ENABLED := 0
export GOFLAGS     += -tags=disable_pgv,grpcnotrace
# What Istio's release build stamps into its programs.
RELEASED   := $(addprefix -X istio.io/istio/pkg/version.,buildVersion=1.31.0 buildHub=docker.io/istio buildTag=1.31.0)

.PHONY: build test lint docs facts rehearse bench fuzz clean FORCE

build: bin/meshctl bin/meshctl-sandbox ## the programs, in bin/

bin/meshctl: FORCE
	$(GO) build -ldflags '$(STRIP) -X main.stamped=$(VERSION)' -o $@ ./cmd/meshctl

bin/meshctl-sandbox: FORCE
	cd cmd/meshctl-sandbox && $(GO) build -ldflags '$(STRIP)' -o ../../bin/ . ./meshctl-sandbox-istiod

rehearse: build ## a verified installation of the default profile on an embedded control plane
	bin/meshctl rehearse -f testdata/sample/istio.yaml

bin/istioctl: go.mod ## the peer, for tests and benchmarks that compare with it
	$(GO) build -ldflags '$(STRIP) $(RELEASED)' -o $@ istio.io/istio/istioctl/cmd/istioctl

bin/helm: go.mod ## the peer that continues from our releases, for tests
	$(GO) build -ldflags '$(STRIP)' -o $@ helm.sh/helm/v3/cmd/helm

# A quarter of the processor time of compilers, tests and sandboxes went into
# collecting garbage. What is built or measured otherwise keeps Go's default.
test: export GOGC := 400
test: build bin/istioctl bin/helm ## every test there is, the end-to-end path included
	$(GO) vet ./...
	cd cmd/meshctl-sandbox && $(GO) vet ./... && $(GO) test ./...
	$(GO) test -parallel 8 -timeout 25m ./...

lint: ## vet, staticcheck and gofmt
	$(GO) vet ./...
	$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
	cd cmd/meshctl-sandbox && $(GO) vet ./...
	@test -z "$$(gofmt -l cmd pkg)" || { gofmt -l cmd pkg; exit 1; }

docs: ## regenerates the catalogue of rules
	$(GO) run ./cmd/meshctl rules markdown --examples testdata/rules > pkg/rules/README.md

facts: ## renews the tables about the newest Istio minor from the linked module
	$(GO) run ./pkg/facts/generate

bench: build bin/istioctl ## benchmarks, side by side with istioctl where there is a peer
	$(GO) test -run '^$$' -bench . -benchmem ./...

fuzz: ## each fuzz target for half a minute
	$(GO) test -run '^$$' -fuzz FuzzParse -fuzztime 30s ./pkg/document
	$(GO) test -run '^$$' -fuzz FuzzComments -fuzztime 30s -fuzzminimizetime 5x ./pkg/document
	$(GO) test -run '^$$' -fuzz FuzzSet -fuzztime 30s ./pkg/source/files
	$(GO) test -run '^$$' -fuzz FuzzMerge -fuzztime 30s ./pkg/source/files
	$(GO) test -run '^$$' -fuzz FuzzWrappers -fuzztime 30s -fuzzminimizetime 5x ./pkg/source/files
	$(GO) test -run '^$$' -fuzz FuzzFix -fuzztime 30s -fuzzminimizetime 5x ./pkg/internal/ruletest

clean: ## removes what build made
	rm -rf bin

FORCE:
