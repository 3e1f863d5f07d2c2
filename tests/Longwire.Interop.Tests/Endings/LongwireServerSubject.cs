using Longwire.AspNetCore;
using Longwire.Conformance;
using Microsoft.AspNetCore.Builder;

namespace Longwire.Interop.Tests.Endings;

/// <summary>Longwire's endpoints as the rows need them.</summary>
internal sealed class LongwireServerSubject : EndingSubject
{
    private LongwireHost? _host;

    /// <summary>A function that reads, one that asks for its request, which is then kept, and a handler that is called.</summary>
    public static string[] Forms { get; } = ["function", "function with its request", "handler"];

    protected override bool IsServer => true;

    public static async Task<EndingSubject> StartAsync(string transport, string form)
    {
        var subject = new LongwireServerSubject();
        subject._host = await LongwireHost.StartAsync(
            transport,
            application =>
            {
                foreach (string name in LongwireApplication.Names)
                {
                    subject.Map(application, form, name);
                }
            }
        );
        return subject;
    }

    public override ValueTask DisposeAsync() => _host!.DisposeAsync();

    protected override Task<Peer> OpenAsync(string application) => _host!.OpenAsync("/" + application);

    private void Map(WebApplication application, string form, string name)
    {
        void Configure(WebSocketEndpointOptions endpoint) => endpoint.Connection = LongwireApplication.OptionsOf(name);
        switch (form)
        {
            case "function":
                application.MapWebSocket("/" + name, (socket, _) => LongwireApplication.RunAsync(socket, name, Report), Configure);
                break;
            case "handler":
                application.MapWebSocket("/" + name, LongwireApplication.CreateHandler(name, Report), Configure);
                break;
            default:
                application.MapWebSocket("/" + name, (socket, _, _) => LongwireApplication.RunAsync(socket, name, Report), Configure);
                break;
        }
    }
}
