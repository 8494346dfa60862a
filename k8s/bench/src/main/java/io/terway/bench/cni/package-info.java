/** The CNI plugin as a runtime pays for it: whole processes, ADD and DEL, alone and fifty at once. */
package io.terway.bench.cni;
