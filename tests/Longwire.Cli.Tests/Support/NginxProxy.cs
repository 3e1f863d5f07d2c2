using System.Diagnostics;
using System.Globalization;
using Longwire.Transport.Linux.Tests;

namespace Longwire.Cli.Tests;

/// <summary>nginx before a server: as its manual has it, without the headers of the upgrade, and with little patience.</summary>
internal sealed class NginxProxy : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("longwire-nginx-");
    private Process _process = null!;

    private NginxProxy() { }

    public string Address { get; private set; } = "";

    public static async Task<NginxProxy> StartAsync(int port)
    {
        var proxy = new NginxProxy();
        int own = FreePort.Choose();
        await proxy.StartAsync(port, own);
        proxy.Address = string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{own}/");
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync().WaitAsync(Patience.Long);
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private async Task StartAsync(int port, int own)
    {
        const string Upgrade = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";";
        string file = Path.Combine(_directory.FullName, "nginx.conf");
        await File.WriteAllTextAsync(
            file,
            $$"""
            daemon off; master_process off; pid {{_directory.FullName}}/pid; error_log stderr;
            events {}
            http {
              access_log off;
              client_body_temp_path {{_directory.FullName}}/body; proxy_temp_path {{_directory.FullName}}/proxy;
              fastcgi_temp_path {{_directory.FullName}}/fastcgi; uwsgi_temp_path {{_directory.FullName}}/uwsgi;
              scgi_temp_path {{_directory.FullName}}/scgi;
              server {
                listen 127.0.0.1:{{own}};
                location /right/ { proxy_pass http://127.0.0.1:{{port}}/; {{Upgrade}} }
                location /pages/ { proxy_pass http://127.0.0.1:{{port}}/; {{Upgrade}} proxy_set_header Host $http_host; }
                location /impatient/ { proxy_pass http://127.0.0.1:{{port}}/; {{Upgrade}} proxy_read_timeout 1s; }
                location /stripped/ { proxy_pass http://127.0.0.1:{{port}}/; }
              }
            }
            """
        );
        _process = Process.Start(
            new ProcessStartInfo("/usr/sbin/nginx", ["-p", _directory.FullName, "-c", file]) { RedirectStandardError = true }
        )!;
        _ = _process.StandardError.ReadToEndAsync();
        await FreePort.WaitForAsync(_process, own, Patience.Long);
    }
}
