/** Who leads. */
package io.terway.eni.k8s;
