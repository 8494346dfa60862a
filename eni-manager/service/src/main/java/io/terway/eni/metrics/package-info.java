/** Meters under the names the guide promises. */
package io.terway.eni.metrics;
