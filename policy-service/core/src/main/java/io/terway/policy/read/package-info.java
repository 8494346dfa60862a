/**
 * Reads Kubernetes objects, as plain trees of maps, lists and scalars, into the records of policy. One reader serves
 * the service (objects from the API) and the command line (files). What cannot be read is named by its path.
 */
package io.terway.policy.read;
