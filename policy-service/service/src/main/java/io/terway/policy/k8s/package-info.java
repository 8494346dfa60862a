/** Reads policies, pods, namespaces and nodes from the API server; fabric8 types stop here. */
package io.terway.policy.k8s;
