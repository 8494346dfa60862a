/** Clock, waiting and threads: one door, so that simulations can run the service's own code on virtual time. */
package io.terway.eni.time;
