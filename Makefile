# Names for what people do here. Every target is a script in tools/ or a preset of CMakePresets.json.
.DEFAULT_GOAL := help
.PHONY: help setup build run test bench lint tidy fuzz dist contract clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install the Debian packages that the build and the tests need
	@tools/setup

build: setup ## Build build/release/bin/transcriber and transcriber-media
	@tools/build release transcriber transcriber-media

run: ## Build, fetch the base model, transcribe the bundled sample
	@tools/run

test: ## Run the whole test suite: release, sanitizers, second compiler
	@tools/test

bench: setup ## Build and run the benchmarks
	@tools/bench

lint: setup ## Check format, layers, sizes, requirements, headers
	@tools/lint

tidy: setup ## Run clang-tidy over the sources (slow)
	@tools/tidy

fuzz: setup ## Run each fuzz target for FUZZ_SECONDS (default 60)
	@tools/fuzz

dist: setup ## Make an archive of an installed tree in build/dist
	@tools/dist

contract: setup ## Run the official OpenAI clients against the server
	@tools/contract

clean: ## Remove everything that was built here
	@rm -rf build
