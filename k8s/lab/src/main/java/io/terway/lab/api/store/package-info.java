/** The stored objects: versions, the journal that survives kill -9, the change history and its watchers. */
package io.terway.lab.api.store;
