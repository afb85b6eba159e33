//! What a client and a server have to agree on, and what `verify` does not look at since
//! it sees one of them alone. Each rule names where FRP v0.68.0 says or does it.

use crate::Settings;
use std::collections::{BTreeMap, BTreeSet};

/// A client and a server that should find each other.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'c> {
    /// The client's configuration.
    pub client: Settings<'c>,
    /// The server's.
    pub server: Settings<'c>,
    /// The server's port behind one that the client sees, where something maps them.
    pub mapped: &'c BTreeMap<i64, i64>,
}

/// One rule: its name, and what is wrong.
pub struct Rule {
    /// What holds if nothing is wrong.
    pub name: &'static str,
    judge: fn(&Pair<'_>) -> Vec<String>,
}

impl Rule {
    /// What is wrong, if anything.
    pub fn judge(&self, pair: &Pair<'_>) -> Vec<String> {
        (self.judge)(pair)
    }
}

/// Every rule.
pub const RULES: [Rule; 14] = [
    Rule {
        name: "the client calls a port on which the server listens",
        judge: port,
    },
    Rule {
        name: "both use the same method of authentication",
        judge: method,
    },
    Rule {
        name: "both have the same token",
        judge: token,
    },
    Rule {
        name: "the client's OIDC token is for the server",
        judge: audience,
    },
    Rule {
        name: "the client authenticates where the server asks for it",
        judge: scopes,
    },
    Rule {
        name: "the client speaks TLS if the server insists on it",
        judge: tls,
    },
    Rule {
        name: "both multiplex TCP or neither does",
        judge: multiplexing,
    },
    Rule {
        name: "the client's heartbeats come before the server gives up",
        judge: heartbeats,
    },
    Rule {
        name: "packets of UDP proxies have one size",
        judge: packet_size,
    },
    Rule {
        name: "the server has what the proxies' types need",
        judge: proxy_types,
    },
    Rule {
        name: "the server takes the proxies' domains",
        judge: domains,
    },
    Rule {
        name: "the server allows the proxies' ports",
        judge: allowed_ports,
    },
    Rule {
        name: "no two proxies have one name, no two visitors either",
        judge: names,
    },
    Rule {
        name: "no two listen on one port",
        judge: listeners,
    },
];

/// A proxy that is started.
struct Proxy<'c> {
    settings: Settings<'c>,
    name: &'c str,
    kind: &'c str,
}

impl<'c> Pair<'c> {
    /// The proxies or visitors that are started: `FilterClientConfigurers` leaves out
    /// those that `start` does not name and those that are disabled.
    fn started(&self, list: &str) -> Vec<Proxy<'c>> {
        let start = self.client.texts("start");
        let all = self.client.list(list).map(|settings| Proxy {
            settings,
            name: settings.text("name"),
            kind: settings.text("type"),
        });
        all.filter(|proxy| {
            let is_named = start.is_empty() || start.contains(&proxy.name);
            is_named && proxy.settings.flag("enabled") != Some(false)
        })
        .collect()
    }

    fn protocol(&self) -> &'c str {
        self.client.text_or("transport.protocol", "tcp")
    }

    fn bind_port(&self) -> i64 {
        self.server.number_or("bindPort", 7000)
    }

    /// Where clients find the server, or nothing if it does not listen.
    fn server_port(&self) -> Option<(&'static str, i64)> {
        let (name, port) = match self.protocol() {
            "kcp" => ("kcpBindPort", self.server.number("kcpBindPort")),
            "quic" => ("quicBindPort", self.server.number("quicBindPort")),
            _ => ("bindPort", self.bind_port()),
        };
        (port > 0).then_some((name, port))
    }

    /// On by default since v0.50.0 (`TLSClientConfig`); wss is TLS by itself
    /// (`realConnect` in client/connector.go).
    fn client_speaks_tls(&self) -> bool {
        self.protocol() == "wss" || self.client.flag("transport.tls.enable") != Some(false)
    }

    /// A trusted CA forces TLS (`ServerTransportConfig.Complete`).
    fn server_forces_tls(&self) -> bool {
        self.server.flag("transport.tls.force") == Some(true)
            || !self.server.text("transport.tls.trustedCaFile").is_empty()
    }
}

fn problem(is_one: bool, message: impl FnOnce() -> String) -> Vec<String> {
    is_one.then(message).into_iter().collect()
}

/// `DefaultConnector` dials `serverPort`; server/service.go listens for kcp and quic on
/// ports of their own. Before wss there is a proxy that ends its TLS, so its port is
/// another.
fn port(pair: &Pair<'_>) -> Vec<String> {
    if pair.protocol() == "wss" {
        return Vec::new();
    }
    let called = pair.client.number_or("serverPort", 7000);
    let called_there = *pair.mapped.get(&called).unwrap_or(&called);
    match pair.server_port() {
        None => vec![format!(
            "the client's transport.protocol is {0}, yet the server has no {0}BindPort",
            pair.protocol()
        )],
        Some((name, port)) => problem(called_there != port, || {
            let through = match called == called_there {
                true => String::new(),
                false => format!(", which is mapped to {called_there}"),
            };
            format!("the client's serverPort is {called}{through}; the server's {name} is {port}")
        }),
    }
}

/// pkg/auth: each side builds its setter or verifier by its own `auth.method`.
fn method(pair: &Pair<'_>) -> Vec<String> {
    let client = pair.client.text_or("auth.method", "token");
    let server = pair.server.text_or("auth.method", "token");
    problem(client != server, || {
        format!("the client's auth.method is {client}, the server's {server}")
    })
}

/// "The server must have a matching token" (`AuthClientConfig.Token`). What a source
/// gives is known on the machine only, but not whether there is one.
fn token(pair: &Pair<'_>) -> Vec<String> {
    let uses_token = |side: Settings<'_>| side.text_or("auth.method", "token") == "token";
    if !uses_token(pair.client) || !uses_token(pair.server) {
        return Vec::new();
    }
    let has_source = |side: Settings<'_>| side.get("auth.tokenSource").is_some();
    let client = pair.client.text("auth.token");
    let server = pair.server.text("auth.token");
    let (from_client, from_server) = (has_source(pair.client), has_source(pair.server));
    let missing = |who: &str, other: &str| format!("the {other} has a token, the {who} has none");
    match (
        from_client || !client.is_empty(),
        from_server || !server.is_empty(),
    ) {
        (true, false) => vec![missing("server", "client")],
        (false, true) => vec![missing("client", "server")],
        _ => problem(!from_client && !from_server && client != server, || {
            "auth.token differs".to_owned()
        }),
    }
}

/// The server compares a token's audience with its own, if it has one
/// (`AuthOIDCServerConfig.Audience`).
fn audience(pair: &Pair<'_>) -> Vec<String> {
    let client = pair.client.text("auth.oidc.audience");
    let server = pair.server.text("auth.oidc.audience");
    let both = !client.is_empty() && !server.is_empty();
    problem(both && client != server, || {
        format!("the client's auth.oidc.audience is {client}, the server's {server}")
    })
}

/// A server verifies heartbeats and work connections of the scopes that it has
/// (pkg/auth/token.go); a client sets the key for those that it has.
fn scopes(pair: &Pair<'_>) -> Vec<String> {
    let client = pair.client.texts("auth.additionalScopes");
    let server = pair.server.texts("auth.additionalScopes");
    let missing = server.into_iter().filter(|scope| !client.contains(scope));
    missing
        .map(|scope| format!("the server asks for authentication of {scope}, the client's auth.additionalScopes lacks it"))
        .collect()
}

fn tls(pair: &Pair<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    // QUIC has TLS of its own, which `force` does not touch (HandleQUICListener).
    let is_quic = pair.protocol() == "quic";
    if pair.server_forces_tls() && !pair.client_speaks_tls() && !is_quic {
        problems
            .push("the server forces TLS, the client's transport.tls.enable is false".to_owned());
    }
    let has = |name: &str| !pair.client.text(name).is_empty();
    let has_certificate = has("transport.tls.certFile") && has("transport.tls.keyFile");
    if !pair.server.text("transport.tls.trustedCaFile").is_empty() && !has_certificate {
        problems.push(
            "the server's transport.tls.trustedCaFile asks for a client's certificate; the client has no certFile and keyFile".to_owned(),
        );
    }
    // "tls first byte can be 0x16 only when vhost https port is not same with bind port"
    // (server/service.go).
    let shares_port = pair.server.number("vhostHTTPSPort") == pair.bind_port();
    let plain_first_byte =
        pair.client.flag("transport.tls.disableCustomTLSFirstByte") != Some(false);
    let over_bind_port = matches!(pair.protocol(), "tcp" | "websocket");
    if shares_port && over_bind_port && pair.client_speaks_tls() && plain_first_byte {
        problems.push(
            "the server's vhostHTTPSPort is its bindPort, so the client's transport.tls.disableCustomTLSFirstByte has to be false".to_owned(),
        );
    }
    problems
}

/// "It must be same with frps" (conf/frpc_full_example.toml).
fn multiplexing(pair: &Pair<'_>) -> Vec<String> {
    let of = |side: Settings<'_>| side.flag("transport.tcpMux") != Some(false);
    let (client, server) = (of(pair.client), of(pair.server));
    let applies = matches!(pair.protocol(), "tcp" | "websocket" | "wss" | "kcp");
    problem(applies && client != server, || {
        format!("the client's transport.tcpMux is {client}, the server's {server}")
    })
}

/// A server that waits for heartbeats ends a session without them (server/control.go);
/// with tcpMux a client sends none unless it is told to (`ClientTransportConfig.Complete`).
fn heartbeats(pair: &Pair<'_>) -> Vec<String> {
    let default = |side: Settings<'_>, without: i64| match side.flag("transport.tcpMux") {
        Some(false) => without,
        _ => -1,
    };
    let timeout = pair
        .server
        .number_or("transport.heartbeatTimeout", default(pair.server, 90));
    let interval = pair
        .client
        .number_or("transport.heartbeatInterval", default(pair.client, 30));
    if timeout <= 0 {
        return Vec::new();
    }
    match interval <= 0 {
        true => vec![format!(
            "the server ends sessions after {timeout} s without heartbeat, the client sends none"
        )],
        false => problem(interval >= timeout, || {
            format!(
                "the client's heartbeat comes every {interval} s, the server gives up after {timeout} s"
            )
        }),
    }
}

/// "This parameter should be same between client and server. It affects the udp and sudp
/// proxy." (conf/frps_full_example.toml)
fn packet_size(pair: &Pair<'_>) -> Vec<String> {
    let client = pair.client.number_or("udpPacketSize", 1500);
    let server = pair.server.number_or("udpPacketSize", 1500);
    let is_udp = |proxy: &Proxy<'_>| matches!(proxy.kind, "udp" | "sudp");
    let is_used =
        pair.started("proxies").iter().any(is_udp) || pair.started("visitors").iter().any(is_udp);
    problem(is_used && client != server, || {
        format!("the client's udpPacketSize is {client}, the server's {server}")
    })
}

/// `ValidateProxyConfigurerForServer` in pkg/config/v1/validation/proxy.go: the server
/// does it when the client registers a proxy.
fn proxy_types(pair: &Pair<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    for proxy in pair.started("proxies") {
        let needed = match proxy.kind {
            "http" => "vhostHTTPPort",
            "https" => "vhostHTTPSPort",
            "tcpmux" => "tcpmuxHTTPConnectPort",
            _ => continue,
        };
        if pair.server.number(needed) == 0 {
            problems.push(format!(
                "proxy {} is of type {}, yet the server has no {needed}",
                proxy.name, proxy.kind
            ));
        }
    }
    problems
}

/// `validateDomainConfigForServer`, likewise.
fn domains(pair: &Pair<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let host = pair.server.text("subDomainHost");
    for proxy in pair.started("proxies") {
        let name = proxy.name;
        let subdomain = proxy.settings.text("subdomain");
        if !subdomain.is_empty() && host.is_empty() {
            problems.push(format!(
                "proxy {name} has a subdomain, yet the server has no subDomainHost"
            ));
        }
        if subdomain.contains(['.', '*']) {
            problems.push(format!(
                "the subdomain {subdomain} of proxy {name} has a dot or a star"
            ));
        }
        for domain in proxy.settings.texts("customDomains") {
            if !host.is_empty() && domain.ends_with(&format!(".{host}")) {
                problems.push(format!(
                    "the domain {domain} of proxy {name} belongs to the server's subDomainHost {host}"
                ));
            }
        }
    }
    problems
}

/// server/ports/ports.go takes a port that `allowPorts` lists, server/control.go as many
/// as `maxPortsPerClient` says.
fn allowed_ports(pair: &Pair<'_>) -> Vec<String> {
    let allowed: Vec<(i64, i64)> = pair.server.list("allowPorts").map(range).collect();
    let mut problems = Vec::new();
    let mut used = 0;
    for proxy in pair.started("proxies") {
        if !matches!(proxy.kind, "tcp" | "udp") {
            continue;
        }
        used += 1;
        let port = proxy.settings.number("remotePort");
        let is_allowed = allowed
            .iter()
            .any(|(from, to)| (*from..=*to).contains(&port));
        if port != 0 && !allowed.is_empty() && !is_allowed {
            problems.push(format!(
                "the remotePort {port} of proxy {} is not among the server's allowPorts",
                proxy.name
            ));
        }
    }
    let most = pair.server.number("maxPortsPerClient");
    if most > 0 && used > most {
        problems.push(format!(
            "{used} proxies need a port each, the server's maxPortsPerClient is {most}"
        ));
    }
    problems
}

fn range(ports: Settings<'_>) -> (i64, i64) {
    match ports.number("single") {
        0 => (ports.number("start"), ports.number("end")),
        single => (single, single),
    }
}

/// The server refuses a proxy whose name is taken (server/proxy/proxy.go).
fn names(pair: &Pair<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    for list in ["proxies", "visitors"] {
        let mut seen = BTreeSet::new();
        for proxy in pair.started(list) {
            if !seen.insert(proxy.name) {
                problems.push(format!("two {list} have the name {}", proxy.name));
            }
        }
    }
    problems
}

/// What listens on one machine at one port: the server's own listeners and its proxies'
/// ports there, visitors and the web server here. Proxies of one group share theirs, and
/// virtual hosts may share the server's bindPort (server/service.go).
fn listeners(pair: &Pair<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let (tcp, udp) = server_listeners(pair);
    problems.extend(collisions("the server", tcp));
    problems.extend(collisions("the server", udp));
    let mut here: Vec<(i64, String)> = Vec::new();
    here.push((pair.client.number("webServer.port"), "webServer".to_owned()));
    let visitors = pair.started("visitors");
    let tcp_visitors = visitors.iter().filter(|visitor| visitor.kind != "sudp");
    here.extend(tcp_visitors.map(visitor_port));
    problems.extend(collisions("the client", here));
    let udp_visitors = visitors.iter().filter(|visitor| visitor.kind == "sudp");
    problems.extend(collisions(
        "the client",
        udp_visitors.map(visitor_port).collect(),
    ));
    problems
}

fn visitor_port(visitor: &Proxy<'_>) -> (i64, String) {
    let port = visitor.settings.number("bindPort");
    (port, format!("visitor {}", visitor.name))
}

type Listeners = Vec<(i64, String)>;

fn server_listeners(pair: &Pair<'_>) -> (Listeners, Listeners) {
    let own = |name: &str| (pair.server.number(name), name.to_owned());
    let mut tcp = vec![
        (pair.bind_port(), "bindPort".to_owned()),
        own("tcpmuxHTTPConnectPort"),
        own("webServer.port"),
        own("sshTunnelGateway.bindPort"),
    ];
    for name in ["vhostHTTPPort", "vhostHTTPSPort"] {
        let (port, name) = own(name);
        if port != pair.bind_port() {
            tcp.push((port, name));
        }
    }
    let mut udp = vec![own("kcpBindPort"), own("quicBindPort")];
    let mut groups = BTreeSet::new();
    for proxy in pair.started("proxies") {
        let port = proxy.settings.number("remotePort");
        let listener = (port, format!("proxy {}", proxy.name));
        let group = proxy.settings.text("loadBalancer.group");
        match proxy.kind {
            "tcp" if group.is_empty() || groups.insert((group, port)) => tcp.push(listener),
            "udp" => udp.push(listener),
            _ => {}
        }
    }
    (tcp, udp)
}

fn collisions(who: &str, listeners: Listeners) -> Vec<String> {
    let mut by_port: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for (port, name) in listeners {
        if port > 0 {
            by_port.entry(port).or_default().push(name);
        }
    }
    let several = by_port.into_iter().filter(|(_, names)| names.len() > 1);
    several
        .map(|(port, names)| format!("{who} has port {port} for {}", names.join(" and ")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;
    use serde_json::{Value as Json, json};

    /// What all rules say about a pair.
    fn said(client: Json, server: Json) -> Vec<String> {
        said_with(client, server, &[])
    }

    fn said_with(client: Json, server: Json, mapped: &[(i64, i64)]) -> Vec<String> {
        let mapped = mapped.iter().copied().collect();
        let pair = Pair {
            client: Settings(&client),
            server: Settings(&server),
            mapped: &mapped,
        };
        RULES.iter().flat_map(|rule| rule.judge(&pair)).collect()
    }

    #[test]
    fn defaults_agree() {
        assert_eq!(said(json!({}), json!({})), [""; 0]);
        assert_eq!(
            said(json!({"SERVERPORT": 7000}), json!({"bindPort": 7000})),
            [""; 0]
        );
    }

    #[test]
    fn each_disagreement_is_named() {
        let tcp = |name: &str, port: i64| json!({"name": name, "type": "tcp", "remotePort": port});
        for (client, server, message) in [
            (
                json!({"serverPort": 7001}),
                json!({}),
                "the client's serverPort is 7001; the server's bindPort is 7000",
            ),
            (
                json!({"transport": {"protocol": "quic"}}),
                json!({}),
                "the client's transport.protocol is quic, yet the server has no quicBindPort",
            ),
            (
                json!({"auth": {"method": "oidc"}}),
                json!({"auth": {"method": "token"}}),
                "the client's auth.method is oidc, the server's token",
            ),
            (
                json!({"auth": {"token": "a"}}),
                json!({"auth": {"token": "b"}}),
                "auth.token differs",
            ),
            (
                json!({}),
                json!({"auth": {"tokenSource": {"type": "file", "file": {"path": "t"}}}}),
                "the server has a token, the client has none",
            ),
            (
                json!({"auth": {"method": "oidc", "oidc": {"audience": "a"}}}),
                json!({"auth": {"method": "oidc", "oidc": {"audience": "b"}}}),
                "the client's auth.oidc.audience is a, the server's b",
            ),
            (
                json!({}),
                json!({"auth": {"additionalScopes": ["HeartBeats"]}}),
                "the server asks for authentication of HeartBeats, the client's auth.additionalScopes lacks it",
            ),
            (
                json!({"transport": {"tls": {"enable": false}}}),
                json!({"transport": {"tls": {"force": true}}}),
                "the server forces TLS, the client's transport.tls.enable is false",
            ),
            (
                json!({}),
                json!({"transport": {"tls": {"trustedCaFile": "ca.crt"}}}),
                "the server's transport.tls.trustedCaFile asks for a client's certificate; the client has no certFile and keyFile",
            ),
            (
                json!({}),
                json!({"vhostHTTPSPort": 7000}),
                "the server's vhostHTTPSPort is its bindPort, so the client's transport.tls.disableCustomTLSFirstByte has to be false",
            ),
            (
                json!({"transport": {"tcpMux": false, "heartbeatInterval": -1}}),
                json!({}),
                "the client's transport.tcpMux is false, the server's true",
            ),
            (
                json!({}),
                json!({"transport": {"heartbeatTimeout": 90}}),
                "the server ends sessions after 90 s without heartbeat, the client sends none",
            ),
            (
                json!({"transport": {"heartbeatInterval": 100}}),
                json!({"transport": {"heartbeatTimeout": 90}}),
                "the client's heartbeat comes every 100 s, the server gives up after 90 s",
            ),
            (
                json!({"udpPacketSize": 1400, "proxies": [{"name": "dns", "type": "udp"}]}),
                json!({}),
                "the client's udpPacketSize is 1400, the server's 1500",
            ),
            (
                json!({"proxies": [{"name": "web", "type": "http", "customDomains": ["a.org"]}]}),
                json!({}),
                "proxy web is of type http, yet the server has no vhostHTTPPort",
            ),
            (
                json!({"proxies": [{"name": "web", "type": "https", "subdomain": "a.b"}]}),
                json!({"vhostHTTPSPort": 443, "subDomainHost": "frp.org"}),
                "the subdomain a.b of proxy web has a dot or a star",
            ),
            (
                json!({"proxies": [{"name": "web", "type": "http", "subdomain": "a"}]}),
                json!({"vhostHTTPPort": 80}),
                "proxy web has a subdomain, yet the server has no subDomainHost",
            ),
            (
                json!({"proxies": [{"name": "web", "type": "http", "customDomains": ["a.frp.org"]}]}),
                json!({"vhostHTTPPort": 80, "subDomainHost": "frp.org"}),
                "the domain a.frp.org of proxy web belongs to the server's subDomainHost frp.org",
            ),
            (
                json!({"proxies": [tcp("a", 100), tcp("b", 3000)]}),
                json!({"allowPorts": [{"start": 2000, "end": 3000}, {"single": 101}]}),
                "the remotePort 100 of proxy a is not among the server's allowPorts",
            ),
            (
                json!({"proxies": [tcp("a", 0), tcp("b", 0)]}),
                json!({"maxPortsPerClient": 1}),
                "2 proxies need a port each, the server's maxPortsPerClient is 1",
            ),
            (
                json!({"proxies": [tcp("a", 1), tcp("a", 2)]}),
                json!({}),
                "two proxies have the name a",
            ),
            (
                json!({"proxies": [tcp("a", 6000), tcp("b", 6000)]}),
                json!({}),
                "the server has port 6000 for proxy a and proxy b",
            ),
            (
                json!({"proxies": [tcp("a", 7000)]}),
                json!({}),
                "the server has port 7000 for bindPort and proxy a",
            ),
            (
                json!({"webServer": {"port": 7400}, "visitors": [{"name": "v", "type": "stcp", "bindPort": 7400}]}),
                json!({}),
                "the client has port 7400 for webServer and visitor v",
            ),
        ] {
            assert_eq!(said(client, server), [message]);
        }
    }

    #[test]
    fn what_agrees_after_all_is_not_named() {
        let grouped = |name: &str| json!({"name": name, "type": "tcp", "remotePort": 80, "loadBalancer": {"group": "g"}});
        for (client, server) in [
            (json!({"proxies": [grouped("a"), grouped("b")]}), json!({})),
            (
                json!({"proxies": [{"name": "a", "type": "http", "enabled": false}]}),
                json!({}),
            ),
            (
                json!({"start": ["b"], "proxies": [{"name": "a", "type": "http"}]}),
                json!({}),
            ),
            (
                json!({"transport": {"protocol": "quic", "tls": {"enable": false}}, "serverPort": 7002}),
                json!({"quicBindPort": 7002, "transport": {"tls": {"force": true}}}),
            ),
            (
                json!({"transport": {"protocol": "wss"}, "serverPort": 443}),
                json!({}),
            ),
            (
                json!({"auth": {"token": "a"}}),
                json!({"auth": {"tokenSource": {"type": "file"}}}),
            ),
            (
                json!({"visitors": [{"name": "a", "type": "stcp", "bindPort": -1}, {"name": "b", "type": "stcp", "bindPort": -1}]}),
                json!({}),
            ),
            (json!({}), json!({"vhostHTTPPort": 7000})),
        ] {
            assert_eq!(said(client.clone(), server), [""; 0], "{client}");
        }
        assert_eq!(
            said_with(json!({"serverPort": 443}), json!({}), &[(443, 7000)]),
            [""; 0]
        );
    }
}
