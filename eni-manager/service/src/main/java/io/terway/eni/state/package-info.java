/** What must outlive a replica: open assign calls and the highest term of ipam-service, in Kubernetes or in a file. */
package io.terway.eni.state;
