/**
 * The lab's Kubernetes API server: storage, discovery, watches and the verbs, without controllers, scheduler or kubelet. It
 * follows Kubernetes 1.32 as far as kubectl and client libraries see it.
 */
package io.terway.lab.api;
