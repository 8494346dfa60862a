/** The Container Network Interface as values: requests as a runtime makes them, results and errors as each version wants them. */
package io.terway.cni;
