/** terway-cli: asks the node agent over gRPC and prints for people, or as JSON. */
package io.terway.ctl;
