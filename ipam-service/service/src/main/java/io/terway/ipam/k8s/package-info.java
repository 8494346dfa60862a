/** What ipam-service reads from and writes to the API server; fabric8 types stop here. */
package io.terway.ipam.k8s;
