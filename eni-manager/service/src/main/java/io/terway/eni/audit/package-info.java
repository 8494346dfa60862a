/** What was changed in the cloud, as a stream of events into bounded files. */
package io.terway.eni.audit;
