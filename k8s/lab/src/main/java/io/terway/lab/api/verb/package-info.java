/** What requests do to stored objects: create, update, patch, delete, and the subresources. */
package io.terway.lab.api.verb;
