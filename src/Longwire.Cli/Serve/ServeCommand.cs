using System.CommandLine;
using System.Globalization;

namespace Longwire.Cli.Serve;

/// <summary><c>longwire serve</c>: the hub, an echo and the pages, to try and to develop against.</summary>
internal static class ServeCommand
{
    private const int MaxPort = 65535;

    public static Command Create(CommandStreams streams)
    {
        var port = new Option<int>("--port", "-p")
        {
            Description = "The TCP port; 0 for any that is free. Default: the environment's PORT, or 8080.",
            DefaultValueFactory = _ => DefaultPort(),
        };
        port.Validators.Add(static result =>
        {
            if (
                result.Tokens is [{ Value: var text }]
                && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= MaxPort)
            )
            {
                result.AddError($"'{text}' is not a port: give a number from 0 to {MaxPort}.");
            }
        });
        var host = new Option<string>("--host")
        {
            Description = "The address to listen on. Any other than localhost demands --jwt-key.",
            DefaultValueFactory = _ => "localhost",
        };
        var jwtKey = new Option<string?>("--jwt-key")
        {
            Description =
                "The secret, at least 32 bytes, that clients' tokens (JWT, HS256) are signed with. Default: the environment's LONGWIRE_JWT_KEY.",
            DefaultValueFactory = _ => Secret("LONGWIRE_JWT_KEY"),
        };
        var adminToken = new Option<string?>("--admin-token")
        {
            Description =
                "The administrator's token, at least 32 characters: for /admin, and for the dashboard of a server that others reach. "
                + "Default: the environment's LONGWIRE_ADMIN_TOKEN.",
            DefaultValueFactory = _ => Secret("LONGWIRE_ADMIN_TOKEN"),
        };
        var adminReadToken = new Option<string?>("--admin-read-token")
        {
            Description =
                "The same for one who may look and change nothing: no load button. Default: the environment's LONGWIRE_ADMIN_READ_TOKEN.",
            DefaultValueFactory = _ => Secret("LONGWIRE_ADMIN_READ_TOKEN"),
        };
        var certificate = new Option<string?>("--cert") { Description = "A certificate in PEM: serve https and wss." };
        var key = new Option<string?>("--key") { Description = "The certificate's private key in PEM, when it is in a file of its own." };
        var transport = new Option<ServeTransport>("--transport")
        {
            Description = "What carries the connections. Auto: Longwire's event loops on Linux, else Kestrel's own.",
        };
        var guests = new Option<bool>("--guests") { Description = "Let clients in that don't sign in. Not together with --jwt-key." };
        var data = new Option<string>("--data")
        {
            Description = "The folder of what the pages keep over a restart. Default: longwire/playground in the user's folder for data.",
            DefaultValueFactory = _ => ServeOptions.UsualDataFolder,
        };
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Log what happens, not only warnings and errors." };
        var command = new Command("serve", "Serve a hub, an echo, and pages to try them: the hub is at / and /ws, the echo at /echo.")
        {
            port,
            host,
            jwtKey,
            adminToken,
            adminReadToken,
            certificate,
            key,
            transport,
            guests,
            data,
            verbose,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                DemoServer.RunAsync(
                    new ServeOptions
                    {
                        Port = parsed.GetValue(port),
                        Host = parsed.GetValue(host)!,
                        JwtKey = parsed.GetValue(jwtKey),
                        AdminToken = parsed.GetValue(adminToken),
                        AdminReadToken = parsed.GetValue(adminReadToken),
                        CertificateFile = parsed.GetValue(certificate),
                        KeyFile = parsed.GetValue(key),
                        Transport = parsed.GetValue(transport),
                        Guests = parsed.GetValue(guests),
                        DataFolder = parsed.GetValue(data)!,
                        Verbose = parsed.GetValue(verbose),
                    },
                    streams,
                    cancellationToken
                )
        );
        return command;
    }

    private static string? Secret(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } secret ? secret : null;

    private static int DefaultPort() =>
        int.TryParse(Environment.GetEnvironmentVariable("PORT"), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
        && port <= MaxPort
            ? port
            : 8080;
}
