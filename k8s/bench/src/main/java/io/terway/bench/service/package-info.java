/** ipam-service as a process: real gRPC with TLS and tokens, between models of the API server and of eni-manager. */
package io.terway.bench.service;
