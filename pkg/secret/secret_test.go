package secret

import (
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	for class, names := range map[Class][]string{
		Password: {"password", "dbPassword", "DB_PASSWORD", "PASSWD", "keystorePassphrase", "redis-pwd", "password2", "PASSWORD_B64", "passwords", "pasword", "dbPasswrod", "passwort", "passWord", "PassWord", "DB_PASS_WORD", "PaSsWoRd", "pass-phrase"},
		Token: {
			"token", "accessToken", "ACCESS_TOKEN", "X-Amz-Security-Token", "secret", "clientSecret", "apiKey", "api_key", "APIKey", "apikey",
			"x-api-key", "accessKey", "accessKeyId", "AWS_SECRET_ACCESS_KEY", "privateKey", "private_key", "credentials", "GOOGLE_CREDENTIALS",
			"ca-key.pem", "tls.key", "key.pem", "authorization", "Proxy-Authorization", "client-key-data", "tokenValue", "tokne", "accessTokn", "secert", "CLIENT_SECRT", "credentails", ".dockerconfigjson", "tokens", "sshkey", "SSHKEY", "signingkey", "clientkeys", "apiKeys", "toKen", "psk", "wifiPsk", "keys",
			"GITHUB_PAT", "gitlabPat", "NPM_AUTH",
		},
		Plain: {
			"secretName", "credentialName", "tokenAudience", "TOKEN_AUDIENCES", "imagePullSecrets", "imagePullSecret", "jwtPolicy", "SECRET_TTL",
			"SECRET_GRACE_PERIOD_RATIO", "privateKeyProvider", "existingSecret", "secretKeyRef", "topologyKey", "key", "monkey", "broken", "matchLabelKeys", "maskAddress", "keyword", "crossword", "brokenPodLabelKey",
			"passthrough", "bypass", "PILOT_JWT_PUB_KEY_REFRESH_INTERVAL", "caCertificates", "publicKey", "USE_TOKEN_FOR_CSR", "secretVolumes",
			"CREDENTIAL_FETCHER_TYPE", "compass", "tokenPath", "secrets", "hub", "", "tag", "type", "select", "sector", "profile", "protocol", "taints", "tolerations", "security", "service", "time", "toFQDN",
			"pat", "path", "TOKEN_PATH", "auth", "clientAuth", "XDS_AUTH_PROVIDER", "pattern",
		},
	} {
		for _, name := range names {
			if got := ClassOf(name); got != class {
				t.Errorf("%s is of class %d, want %d", name, got, class)
			}
		}
	}
}

func TestValues(t *testing.T) {
	for _, v := range []string{"", "true", "off", "${TOKEN}", "{{ .Values.token }}", "<your token>", "***", "100", "24h", "1.5", "/var/run/secrets/token"} {
		if Token.Holds(v) {
			t.Errorf("a token %q is called secret", v)
		}
	}
	for _, v := range []string{"abc", "123456", "a b", "$TOKEN", "/onlyone"} {
		if !Token.Holds(v) {
			t.Errorf("a token %q is not called secret", v)
		}
	}
	if !Password.Holds("1234") || !Password.Holds("/etc/x") || Password.Holds("${PASSWORD}") {
		t.Error("a password is whatever is no placeholder")
	}
}

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"pulling https://bob:hun/ter@reg.example.com/istio":                      "",
		"pulling https://bob:hunter2@reg.example.com/istio":                      "pulling https://bob:***@reg.example.com/istio",
		"https://bob:p@ss@reg.example.com":                                       "https://bob:***@reg.example.com",
		"https://0123456789abcdef0123@reg.example.com/x":                         "https://***@reg.example.com/x",
		`header "Authorization: Bearer abc123def"`:                               `header "Authorization: Bearer ***"`,
		"Basic authentication is off, a bearer token is missing":                 "Basic authentication is off, a bearer token is missing",
		"eyJhbGciOiJIUzI1.eyJzdWIiOiIx.sig":                                      "***",
		"x-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----y":  "x***y",
		`-----BEGIN PRIVATE KEY-----\nabc`:                                       "***",
		`{"name":"X_TOKEN","value":"abc d"}`:                                     `{"name":"X_TOKEN","value":"***"}`,
		`{"password":"a b","user":"x"}`:                                          `{"password":"***","user":"x"}`,
		`"{\"password\":\"a b\"}"`:                                               `"{\"password\":\"***\"}"`,
		"values.global.token=abc,b=c":                                            "values.global.token=***,b=c",
		`password: "a"`:                                                          `password: "***"`,
		"spec.values.global.sds.token: want a map, is a string":                  "spec.values.global.sds.token: want a map, is a string",
		`unknown field "spec.secretName", did you mean "credentialName"?`:        "same",
		"set values.global.useToken=true and jwtPolicy=third-party-jwt":          "same",
		"docker.io/istio/pilot:1.31.0@sha256:0123456789abcdef":                   "same",
		"https://zipkin.example.com:9411/api/v2/spans@x":                         "same",
		"https://glpattokenvalue@reg.example.com/x":                              "https://***@reg.example.com/x",
		"ssh://git@example.com/x?ref=main&path=charts":                           "same",
		`timeout "sk_live_51Habc" is no duration`:                                `timeout "***" is no duration`,
		"the path is hvs.CAESIJabcdefgh and AIzaSyA0123456789abcdefghijklmnopqr": "the path is *** and ***",
		"npm_0123456789abcdefghijklmnopqrstuvwx is no npm_config_registry":       "*** is no npm_config_registry",
		"https://hooks.slack.com/services/T00/B00/abc is no address":             "https://hooks.slack.com/services/*** is no address",
		"https://x.blob.core.windows.net/c?sv=2022&sig=ab%2Fc=&se=1":             "https://x.blob.core.windows.net/c?sv=2022&sig=***&se=1",
		"https://s3/x?X-Amz-Credential=a/b&X-Amz-Signature=abc&monkey=1":         "https://s3/x?X-Amz-Credential=***&X-Amz-Signature=***&monkey=1",
		`the two keys: "a" and "b"`:                                              "same",
	} {
		switch want {
		case "":
			continue
		case "same":
			want = in
		}
		if got := Text(in); got != want {
			t.Errorf("%s\n gives %s\n want  %s", in, got, want)
		}
	}
}

func TestExpression(t *testing.T) {
	for in, want := range map[string]string{
		"values.global.x.token=abc":                                         "values.global.x.token=***",
		"hub=docker.io/istio,values.global.password=a\\,b":                  "hub=docker.io/istio,values.global.password=***",
		"values.pilot.env.X_TOKEN=abc,values.a=b":                           "values.pilot.env.X_TOKEN=***,values.a=b",
		"values.tokens={a,b},tag=1":                                         "values.tokens=***,tag=1",
		`values.cacerts.ca-key\.pem=abc`:                                    `values.cacerts.ca-key\.pem=***`,
		"values.global.credentials.admin=abc":                               "values.global.credentials.admin=***",
		"values.global.sds.token.aud=istio-ca":                              "same",
		"values.global.imagePullSecrets[0]=regcred":                         "same",
		"values.pilot.env.SECRET_TTL=24h":                                   "same",
		"nothing":                                                           "same",
		"env[0].name=X_TOKEN,env[0].value=abc,env[1].name=B,env[1].value=c": "env[0].name=X_TOKEN,env[0].value=***,env[1].name=B,env[1].value=c",
		"values.token=abc,def":                                              "values.token=***",
		"a=b=c":                                                             "same",
	} {
		if want == "same" {
			want = in
		}
		if got, _ := Expression(in); got != want {
			t.Errorf("%s gives %s, want %s", in, got, want)
		}
	}
}

func TestLines(t *testing.T) {
	in := strings.Join([]string{
		"spec:", "  password: s3cret # why", "  token: 's3cret'", "  secretName: plain-1", "  tls.key: |", "    s3cret", "", "    s3cret", "  hub: plain-2",
		"  env:", "  - name: X_TOKEN", "    value: s3cret", "  - name: OTHER", "    value: plain-3", "  - {name: DB_PASSWORD, value: s3cret}",
		"  flow: {password: s3cret, user: plain-4}", "  tokens: [s3cret, s3cret]", "  pem: -----BEGIN PRIVATE KEY-----", "    s3cret", "    -----END PRIVATE KEY-----",
		"  url: https://u:s3cret@host", "  token: ${plain-5}", "  aud: plain-6\r", "  passWord: s3cret", "  sshkey: s3cret", "  psk: s3cret", "  keys: [s3cret, s3cret]", `  "clientSecret": "s3cret"`, "  imagePullSecrets: [plain-7]",
	}, "\n")
	got := strings.Join(Lines(in), "\n")
	if strings.Contains(got, "s3cret") || strings.Count(got, "plain-") != 7 || strings.Count(got, "\n") != strings.Count(in, "\n") || !strings.Contains(got, "\r\n") {
		t.Errorf("masked:\n%s", got)
	}
}
