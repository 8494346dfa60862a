/** HTTP requests as policy sees them: what they ask for, and whether it is accepted. Pure. */
package io.terway.node.http;
