# The commands of every day. `make run` and `make test` work on a fresh machine with Rust, Node and make.

CARGO ?= cargo
CLIENTELE = target/release/clientele

# The style holds only the classes that templates and code name, so they are sources of it too.
WEB_SOURCES := $(shell find web/src web/*.mjs web/package-lock.json -type f) \
	$(shell find crates -path '*/templates/*' -type f -o -path '*/src/*' -name '*.rs' -type f)

.PHONY: run build web dev test test-format test-lint test-units test-browser test-long bench bench-duplicates bench-short setup clean-web

## Build everything and start a demo shop
run: setup build
	$(CLIENTELE) demo

## The release program: target/release/clientele
build: setup web
	$(CARGO) build --release --package clientele

## What the browser loads, bundled into web/dist
web: target/web-built
target/web-built: $(WEB_SOURCES)
	scripts/build-web
	@mkdir -p target && touch $@

## Start a demo shop again at every change of the sources
dev: setup web
	scripts/dev

## Every check there is, except the long ones
test: test-format test-lint test-units test-browser

test-format:
	$(CARGO) fmt --all --check

test-lint: setup web
	$(CARGO) clippy --workspace --all-targets -- -D warnings

# Unit and HTTP tests on SQLite and on PostgreSQL; the translations are among them.
test-units: setup-test web
	scripts/with-postgres $(CARGO) test --workspace

test-browser: setup-test web
	$(CARGO) build --package clientele
	CLIENTELE_BIN=$(CURDIR)/target/debug/clientele scripts/test-browser

## The tests that take minutes: large files, many writers, kill -9 in a loop
test-long: setup-test web
	scripts/with-postgres $(CARGO) test --workspace --release -- --include-ignored

## The times of a million customers on both engines, beside the bare SQL; writes bench/RESULTS.md
bench: setup-test build
	scripts/bench
	scripts/bench-duplicates

## How good and quick duplicates are found, beside Splink; writes bench/DUPLICATES.md. Needs Python 3.10
bench-duplicates: build
	scripts/bench-duplicates

## The same with 100,000 customers, in a few minutes; writes nothing
bench-short: setup-test build
	scripts/bench --short

.PHONY: setup-test
setup:
	@scripts/setup
setup-test:
	@scripts/setup test

clean-web:
	rm -rf web/dist web/node_modules target/web-built

.PHONY: screenshots
## The picture of the README, made anew by the browser tests
screenshots: test-browser
	cp e2e/output/customers-wide.png docs/screenshots/customers.png
