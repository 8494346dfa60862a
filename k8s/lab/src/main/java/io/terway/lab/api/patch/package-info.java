/** The four ways a PATCH body changes an object. */
package io.terway.lab.api.patch;
