/** The EniManager service, its health, and the translation to and from the wire. */
package io.terway.eni.grpc;
