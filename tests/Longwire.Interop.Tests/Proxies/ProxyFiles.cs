using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace Longwire.Interop.Tests;

/// <summary>The configurations of the reverse proxies, in a folder that goes with the proxy.</summary>
internal static class ProxyFiles
{
    /// <summary>
    /// How long a proxy lets nothing pass on a connection to these paths before it ends it; elsewhere that takes a minute.
    /// </summary>
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(4);

    private static readonly string _seconds = IdleTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture);

    /// <summary>Writes the configuration of nginx, and returns its file.</summary>
    public static string WriteNginx(TemporaryFolder folder, int port, X509Certificate2 certificate)
    {
        WritePem(folder, certificate);
        string upgrade = """
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            """;
        return Write(
            folder["nginx.conf"],
            $$"""
            daemon off;
            master_process off;
            pid {{folder["nginx.pid"]}};
            lock_file {{folder["nginx.lock"]}};
            error_log stderr notice;
            events {}
            http {
              access_log off;
              client_body_temp_path {{folder["body"]}};
              proxy_temp_path {{folder["proxy"]}};
              fastcgi_temp_path {{folder["fastcgi"]}};
              uwsgi_temp_path {{folder["uwsgi"]}};
              scgi_temp_path {{folder["scgi"]}};
              map $http_upgrade $connection_upgrade { default upgrade; '' close; }
              server {
                listen unix:{{folder["ws"]}};
                listen unix:{{folder["wss"]}} ssl;
                ssl_certificate {{folder["certificate.pem"]}};
                ssl_certificate_key {{folder["certificate.pem"]}};
                {{upgrade}}
                location / { proxy_pass http://127.0.0.1:{{port}}; }
                location ~ ^/(pinging|quiet)$ {
                  proxy_read_timeout {{_seconds}}s;
                  proxy_send_timeout {{_seconds}}s;
                  proxy_pass http://127.0.0.1:{{port}};
                }
                location = /forgetful {
                  proxy_set_header Host $http_host;
                  proxy_pass http://127.0.0.1:{{port}}/echo;
                }
                location = /nobody { proxy_pass http://unix:{{folder["nobody"]}}; }
              }
            }
            """
        );
    }

    /// <summary>Writes the configuration of HAProxy, and returns its file.</summary>
    public static string WriteHAProxy(TemporaryFolder folder, int port, X509Certificate2 certificate)
    {
        WritePem(folder, certificate);
        return Write(
            folder["haproxy.cfg"],
            $$"""
            defaults
              mode http
              timeout connect 5s
              timeout client 60s
              timeout server 60s
              timeout tunnel 60s
            frontend front
              bind unix@{{folder["ws"]}}
              bind unix@{{folder["wss"]}} ssl crt {{folder["certificate.pem"]}} alpn h2,http/1.1
              option forwardfor
              use_backend impatient if { path /pinging /quiet }
              use_backend nobody if { path /nobody }
              default_backend patient
            backend patient
              server longwire 127.0.0.1:{{port}}
            backend impatient
              timeout tunnel {{_seconds}}s
              server longwire 127.0.0.1:{{port}}
            backend nobody
              server nobody unix@{{folder["nobody"]}}

            """
        );
    }

    private static void WritePem(TemporaryFolder folder, X509Certificate2 certificate) =>
        Write(
            folder["certificate.pem"],
            $"{certificate.ExportCertificatePem()}\n{certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()}\n"
        );

    private static string Write(string file, string text)
    {
        File.WriteAllText(file, text);
        return file;
    }
}
