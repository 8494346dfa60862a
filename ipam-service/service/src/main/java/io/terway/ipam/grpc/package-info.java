/** The Ipam contract: generated stubs stop here. */
package io.terway.ipam.grpc;
