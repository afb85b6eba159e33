"""What FRP v0.68.0 demands beside the types of its structs, for `go_types(also = …)`.

Where `verify` checks it, the rule comes from pkg/config/v1/validation; what it does not check is stated
where the structs' comments, conf/frpc_full_example.toml, conf/frps_full_example.toml or the code that
uses the value say so, and is marked `documented`.
"""

_V1 = "github.com/fatedier/frp/pkg/config/v1."

# ValidatePort; elsewhere documented, since no other number is a port.
_PORT = {"maximum": 65535, "minimum": 0}

# Empty counts as not given.
_NOT_EMPTY = {"minLength": 1}

def _one_of(*values) -> dict:
    """A string with few values; an empty one stands for the default."""
    return {"enum": [""] + list(values)}

def _with(properties: dict, required: list[str] = [], **keywords) -> dict:
    """What a struct's properties are, which of them are required, and what else holds."""
    return {"properties": properties} | ({"required": required} if required else {}) | keywords

def _needs(*names) -> dict:
    """Properties that may not be missing or empty."""
    return _with({name: _NOT_EMPTY for name in names}, list(names))

def _given(name: str) -> dict:
    """Holds where a string or list is given and not empty."""
    return {"properties": {name: {"minItems": 1, "minLength": 1}}, "required": [name]}

def _is(name: str, value: str) -> dict:
    return {"properties": {name: {"const": value}}, "required": [name]}

def _says(message: str, schema: dict) -> dict:
    """What holds, and what to say where it does not."""
    return schema | {"description": message}

_DOMAIN = _with({}, allOf = [_says(
    "subdomain or customDomains: one of them is needed",
    {"anyOf": [_given("subdomain"), _given("customDomains")]},
)])

# k8s.io/apimachinery/pkg/util/validation.IsQualifiedName, of the name in lower case.
_ANNOTATION = "^(?:[A-Za-z0-9](?:[-A-Za-z0-9]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[-A-Za-z0-9]*[A-Za-z0-9])?)*/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$"

_PROXIES = {
    # validateProxyBaseConfigForClient
    "ProxyBaseConfig": _with(
        {
            "annotations": {"propertyNames": {"pattern": _ANNOTATION}},
            "name": _NOT_EMPTY,
        },
        ["name"],
    ),
    # Documented for a proxy with a plugin, which ignores it.
    "ProxyBackend": _with({"localPort": _PORT}),
    "ProxyTransport": _with({
        "bandwidthLimitMode": _one_of("client", "server"),
        "proxyProtocolVersion": _one_of("v1", "v2"),
    }),
    "HealthCheckConfig": _with(
        {"type": _one_of("tcp", "http")},
        allOf = [_says("path: needed for the type http", {"if": _is("type", "http"), "then": _given("path")})],
    ),
    # validateDomainConfigForClient
    "HTTPProxyConfig": _DOMAIN,
    "HTTPSProxyConfig": _DOMAIN,
    # validateTCPMuxProxyConfigForClient
    "TCPMuxProxyConfig": _DOMAIN | _with({"multiplexer": {"enum": ["httpconnect"]}}, ["multiplexer"]),
    # Documented: a dot or a star is refused by the server (validateDomainConfigForServer).
    "DomainConfig": _with({"subdomain": {"pattern": "^[^.*]*$"}}),
    # Documented: the port on which the server listens.
    "TCPProxyConfig": _with({"remotePort": _PORT}),
    "UDPProxyConfig": _with({"remotePort": _PORT}),
}

_VISITORS = {
    # validateVisitorBaseConfig; documented: a port, unless negative.
    "VisitorBaseConfig": _with(
        {
            "bindPort": {"maximum": 65535, "not": {"const": 0}},
            "name": _NOT_EMPTY,
            "serverName": _NOT_EMPTY,
        },
        ["bindPort", "name", "serverName"],
    ),
    # Documented: "This is not supported for SUDP now".
    "SUDPVisitorConfig": _with({"bindPort": {"minimum": 1}}),
    # validateXTCPVisitorConfig
    "XTCPVisitorConfig": _with({"protocol": _one_of("kcp", "quic")}),
}

_PLUGINS = {
    # pkg/config/v1/validation/plugin.go
    "HTTP2HTTPSPluginOptions": _needs("localAddr"),
    "HTTPS2HTTPPluginOptions": _needs("localAddr"),
    "HTTPS2HTTPSPluginOptions": _needs("localAddr"),
    "StaticFilePluginOptions": _needs("localPath"),
    "TLS2RawPluginOptions": _needs("localAddr"),
    "UnixDomainSocketPluginOptions": _needs("unixPath"),
    # Documented: without it the plugin calls no host (pkg/plugin/client/http2http.go).
    "HTTP2HTTPPluginOptions": _needs("localAddr"),
    # Documented: pkg/plugin/visitor/virtual_net.go does not start without it.
    "VirtualNetVisitorPluginOptions": _needs("destinationIP"),
}

_TOKEN = _says(
    "token, tokenSource: give one of them only",
    {"not": _given("token") | {"required": ["token", "tokenSource"]}},
)

_AUTH = {
    # validateAuthConfig, ValidateOIDCClientCredentialsConfig
    "AuthClientConfig": _with({}, allOf = [
        _TOKEN,
        _says("oidc: the method oidc needs a tokenSource, or a clientID and a tokenEndpointURL", {
            "if": _is("method", "oidc"),
            "then": {
                "properties": {"oidc": {"anyOf": [
                    {"required": ["tokenSource"]},
                    {
                        "properties": {
                            "clientID": _NOT_EMPTY,
                            "tokenEndpointURL": {"pattern": "^https?://[^/?#]"},
                        },
                        "required": ["clientID", "tokenEndpointURL"],
                    },
                ]}},
                "required": ["oidc"],
            },
        }),
    ]),
    "AuthServerConfig": _with({}, allOf = [_TOKEN]),
    "AuthOIDCClientConfig": _with(
        {"additionalEndpointParams": {"propertyNames": {"not": {"const": "scope"}}}},
        allOf = [
            _says("audience: give it, or name it in additionalEndpointParams", {"not": {
                "properties": {"additionalEndpointParams": {"required": ["audience"]}, "audience": _NOT_EMPTY},
                "required": ["additionalEndpointParams", "audience"],
            }}),
            _says("tokenSource: beside it there can be nothing else", {"if": {"required": ["tokenSource"]}, "then": {"properties": {
                name: {"maxLength": 0}
                for name in ["audience", "clientID", "clientSecret", "proxyURL", "scope", "tokenEndpointURL", "trustedCaFile"]
            } | {
                "additionalEndpointParams": {"maxProperties": 0},
                "insecureSkipVerify": {"const": False},
            }}}),
        ],
    ),
    # ValueSource.Validate and its parts
    "ValueSource": _with(
        {"type": {"enum": ["file", "exec"]}},
        ["type"],
        allOf = [
            _says("file: needed for the type file", {"if": _is("type", "file"), "then": {"required": ["file"]}}),
            _says("exec: needed for the type exec", {"if": _is("type", "exec"), "then": {"required": ["exec"]}}),
        ],
    ),
    "FileSource": _needs("path"),
    "ExecSource": _needs("command"),
    "ExecEnvVar": _with({"name": {"pattern": "^[^=]+$"}}, ["name"]),
}

_BOTH = {
    # validateLogConfig
    "LogConfig": _with({"level": _one_of("trace", "debug", "info", "warn", "error")}),
    # validateWebServerConfig
    "WebServerConfig": _with({
        "port": _PORT,
        "tls": _needs("certFile", "keyFile"),
    }),
}

_CLIENT = {
    # Documented: the server's port.
    "ClientCommonConfig": _with({"serverPort": _PORT}),
    # validateTransportConfig
    "ClientTransportConfig": _with({"protocol": _one_of("tcp", "kcp", "quic", "websocket", "wss")}) | {
        # JSON Schema compares no two values; the models do.
        "x-kubernetes-validations": [{
            "message": "heartbeatTimeout: must not be less than heartbeatInterval",
            "rule": " || ".join([
                "!has(self.heartbeatInterval)",
                "!has(self.heartbeatTimeout)",
                "self.heartbeatInterval <= 0",
                "self.heartbeatTimeout <= 0",
                "self.heartbeatTimeout >= self.heartbeatInterval",
            ]),
        }],
    },
}

_SERVER = {
    # ValidateServerConfig
    "ServerConfig": _with({
        name: _PORT
        for name in ["bindPort", "kcpBindPort", "quicBindPort", "tcpmuxHTTPConnectPort", "vhostHTTPPort", "vhostHTTPSPort"]
    }),
    "HTTPPluginOptions": _with(
        {
            # Documented: where the server posts to (pkg/plugin/server/http.go).
            "addr": _NOT_EMPTY,
            "ops": {"items": {"enum": ["Login", "NewProxy", "CloseProxy", "Ping", "NewWorkConn", "NewUserConn"]}},
        },
        ["addr"],
    ),
    # Documented: a port.
    "SSHTunnelGateway": _with({"bindPort": _PORT}),
}

# Documented: ports (server/ports/ports.go).
_RANGES = {"github.com/fatedier/frp/pkg/config/types.PortsRange": _with({name: _PORT for name in ["end", "single", "start"]})}

CONSTRAINTS = {
    _V1 + name: constraint
    for group in [_AUTH, _BOTH, _CLIENT, _PLUGINS, _PROXIES, _SERVER, _VISITORS]
    for name, constraint in group.items()
} | _RANGES
