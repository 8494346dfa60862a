/** Streams compiled programs to node agents; generated stubs stop here. */
package io.terway.policy.grpc;
