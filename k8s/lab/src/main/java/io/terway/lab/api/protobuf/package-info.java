/** Reads the protobuf bodies that kubectl's create commands send; everything is answered in JSON. */
package io.terway.lab.api.protobuf;
