/**
 * The transparent HTTP proxy: takes the connections that only requests decide, judges each request, and passes it on with
 * the client's own address.
 */
package io.terway.agent.http;
