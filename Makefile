# ptpwatch. `make demo` shows it at work, `make test` tests all of it; both set
# up what they need on a Debian or Ubuntu that has git, make and Go.

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS  = -s -w -X github.com/ptpwatch/ptpwatch/internal/agent.version=$(VERSION)
SUDO     = $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# What the tests run beside us: tshark judges decoding, promtool the metrics,
# Alertmanager sends pages, linuxptp is real clocks, Debian's keys vouch for the hardware guest, the
# packages are installed in a Debian of their own, chromium looks at the status
# page, Grafana's types at the dashboards. Who has npm from elsewhere keeps it.
# The race detector needs a C compiler.
TOOLS    = cc tshark prometheus promtool prometheus-alertmanager amtool ptp4l ethtool ip tcpdump mmdebstrap systemd-nspawn chromium npm
KEYRING  = /usr/share/keyrings/debian-archive-keyring.gpg
PACKAGES = gcc libc6-dev tshark prometheus prometheus-alertmanager linuxptp ethtool iproute2 tcpdump debian-archive-keyring mmdebstrap systemd-container \
	chromium fonts-dejavu-core $$(command -v npm >/dev/null || echo nodejs npm)
BROWSER  = internal/e2e/browser
NODE     = $(BROWSER) dashboards/types

.PHONY: build packages demo screenshots lab test check deps unit fuzz-short test-hardware prove soak bench clean help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

build: ## bin/ptpwatch
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/ptpwatch ./cmd/ptpwatch

packages: ## dist/: deb, rpm and binary for amd64, arm64, ARMv7 and 386
	packaging/build.sh dist

demo: build ## play a recorded takeover on http://localhost:9588
	bin/ptpwatch demo

screenshots: build deps ## the pictures of the status page in docs/images, from the demo
	@bin/ptpwatch demo --listen 127.0.0.1:9587 >/dev/null 2>&1 & demo=$$!; \
	node $(BROWSER)/screenshots.mjs http://127.0.0.1:9587/ docs/images; result=$$?; kill $$demo; exit $$result

lab: build ## two real grandmasters and a client to try things on, until Ctrl-C
	@$(GO) build -o bin/labtool ./lab/labtool
	@$(SUDO) bin/labtool up

deps: ## install what the tests need, by apt, unless it is there
	@missing=; for t in $(TOOLS); do command -v $$t >/dev/null || missing="$$missing $$t"; done; \
	[ -e $(KEYRING) ] || missing="$$missing $(KEYRING)"; \
	if [ -n "$$missing" ]; then echo "installing for:$$missing"; \
	$(SUDO) apt-get update -qq && \
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(PACKAGES) >/dev/null; fi
	@for d in $(NODE); do [ $$d/node_modules/.package-lock.json -nt $$d/package-lock.json ] || \
	npm ci --prefix $$d --ignore-scripts --no-audit --no-fund --loglevel error || exit; done

test: check unit fuzz-short test-hardware ## everything, each case once

# Packages whose tests run clocks and interfaces in network namespaces: one at a
# time, so that they do not wait for each other's processors.
LIVE = internal/capture internal/e2e internal/lab cmd/ptpwatch packaging

# Tests that play hours and days.
DAYS = ^(TestSoak|TestSlowRamp|TestThreeSigma|TestAgainst|TestPower|TestSlopes|TestRampPassesGuard)$$

# Memory is measured once more without the race detector, under which sizes
# mean nothing and a flood of a million is one of 200,000. The simulator and the
# statistics have no goroutine that could race, and much to do; the dashboards are
# looked at with agents that have been tested. What the tests in tools read is outside that
# module, where the cache does not look.
unit: ## all tests
	CGO_ENABLED=1 $(GO) test -race -skip '$(DAYS)' -timeout 20m $$($(GO) list ./... | grep -v $(addprefix -e /,$(LIVE) dashboards internal/simulate internal/analysis/detect))
	CGO_ENABLED=1 $(GO) test -race -p 1 -timeout 20m $(addsuffix /...,$(addprefix ./,$(LIVE)))
	$(GO) test ./dashboards ./internal/simulate/... ./internal/analysis/detect
	$(GO) test -run '$(DAYS)' ./internal/score
	$(GO) test -run 'Invented|TenThousand' ./internal/analysis ./internal/agent
	cd tools && $(GO) test -count=1 ./...

check: deps ## formatting, vet, staticcheck, tidiness, other architectures
	@out=$$(gofmt -l cmd dashboards internal lab packaging test tools); [ -z "$$out" ] || { echo "not gofmt'ed: $$out"; exit 1; }
	$(GO) vet -tags hardware,prove ./...
	$(GO) fix -diff ./...
	$(GO) mod tidy -diff
	cd tools && $(GO) mod tidy -diff && $(GO) build -o ../bin/ honnef.co/go/tools/cmd/staticcheck golang.org/x/vuln/cmd/govulncheck
	bin/staticcheck -tags hardware,prove ./...
	@bin/govulncheck ./... || { [ $$? -ne 3 ] && echo "govulncheck: no answer from its database: not checked"; }
	promtool check rules dashboards/rules.yml
	promtool test rules dashboards/rules_test.yml
	GOARCH=arm64 $(GO) build -o /dev/null ./...
	GOARCH=arm $(GO) build -o /dev/null ./...
	GOARCH=386 $(GO) build -o /dev/null ./...

FUZZTIME ?= 10s
fuzz-short: ## every fuzz target for FUZZTIME
	FUZZTIME=$(FUZZTIME) sh scripts/fuzz.sh

test-hardware: deps ## the agent beside ptp4l on NICs that stamp, in QEMU
	sh scripts/hwguest.sh .cache/hwguest
	$(GO) test -tags hardware -count=1 ./test/hardware

# What is about delays and clocks, and what must not look like it.
PATHS = PTPPathAsymmetry,PTPPathDelayShift,PTPSelectiveDelay,PTPTimeStep,PTPGrandmasterDrift,PTPGrandmasterOutvoted,PTPTraceabilityClaimInconsistent,PTPCorrectionFieldAnomaly,PTPComplianceLimit,PTPWatchDegraded,downstream-delay,compensated-delay-slow,congestion

prove: deps build ## the long proofs; results go to docs/results
	FUZZTIME=3m RESULT=docs/results/fuzz.json sh scripts/fuzz.sh
	sh scripts/hijack.sh
	sh scripts/page.sh
	sh scripts/delay.sh
	sh scripts/anomaly.sh
	sh scripts/score.sh
	SCORE_NAME=score-path SCORE_FAMILY=$(PATHS) SCORE_SEEDS=2 sh scripts/score.sh
	sh scripts/power.sh

soak: ## ninety simulated days of each profile; the result goes to docs/results
	sh scripts/soak.sh

bench: ## the figures of docs/performance.md, for a machine that does nothing else
	sh scripts/bench.sh

clean:
	rm -rf bin dist
