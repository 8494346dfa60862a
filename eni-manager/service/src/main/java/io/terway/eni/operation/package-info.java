/** Mutations from request to outcome, and the view of the cloud they change. */
package io.terway.eni.operation;
