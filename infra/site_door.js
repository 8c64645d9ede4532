// CloudFront runs this before it looks for a file: whoever has no password gets none.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
var crypto = require('crypto');

// SHA-256 in hexadecimal; empty where no password was set, and then nothing matches.
var DIGEST = 'DIGEST_OF_THE_PASSWORD';

function passwordOf(header) {
  var parts = header.split(' ');
  if (parts.length !== 2 || parts[0].toLowerCase() !== 'basic') return '';
  var named = Buffer.from(parts[1], 'base64').toString('utf8');
  var colon = named.indexOf(':');
  return colon < 0 ? '' : named.slice(colon + 1);
}

function handler(event) {
  var request = event.request;
  var authorization = request.headers.authorization;
  var offered = authorization ? passwordOf(authorization.value) : '';
  // Digests are compared: how long that takes says nothing of the password.
  if (offered && crypto.createHash('sha256').update(offered).digest('hex') === DIGEST) {
    if (request.uri.endsWith('/')) request.uri += 'index.html';
    return request;
  }
  return {
    statusCode: 401,
    statusDescription: 'Unauthorized',
    headers: {
      'www-authenticate': { value: 'Basic realm="Cody Batch reports", charset="UTF-8"' },
      'cache-control': { value: 'no-store' },
    },
  };
}
