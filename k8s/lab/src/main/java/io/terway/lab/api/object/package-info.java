/** Kubernetes objects as JSON trees: reading, writing, metadata, names and refusals. */
package io.terway.lab.api.object;
