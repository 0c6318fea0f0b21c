// Lets request heads be as long on uWS as on ws (16 KiB, not 4): tokens in cookies and headers of proxies need it. The
// addon reads this variable as it loads and offers no other way, so this file is imported before it.
process.env["UWS_HTTP_MAX_HEADERS_SIZE"] ??= String(16 * 1024);
