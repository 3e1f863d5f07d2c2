using System.Globalization;
using System.Security.Claims;
using Longwire.JavaScript.Hub;
using Microsoft.Extensions.FileProviders;

// A hub for the tests of the JavaScript client, and the pages they open. Arguments: a port (0 for any), the folder of the pages, how many
// messages a second a user may send (0: any number).
int port = int.Parse(args[0], CultureInfo.InvariantCulture);
string pages = Path.GetFullPath(args[1]);
int rate = int.Parse(args[2], CultureInfo.InvariantCulture);

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
builder.Services.AddLongwireHub(hub =>
{
    hub.AllowGuests = true;
    hub.AllowChat = true;
    hub.RateLimit = rate == 0 ? null : new RateLimitOptions { MessagesPerSecond = rate, Burst = 2 * rate };
    hub.AddressRateLimit = null;
    hub.ByteRate = hub.AddressByteRate = null;
    hub.MaxPresenceMembers = 3;
});
builder.Services.AddSignalR();
WebApplication app = builder.Build();
var counts = new Counts();
app.Use(
    async (context, next) =>
    {
        if (context.Request.Headers.ContainsKey("Sec-WebSocket-Key"))
        {
            counts.Handshake();
        }

        await next();
    }
);

// A token is the user's name; one that begins with "expired" is none.
LongwireHubEndpointBuilder hub = app.MapLongwireHub("/hub");
hub.OnAuthenticate(
    (AuthenticateRequest auth) =>
        auth.Token.StartsWith("expired", StringComparison.Ordinal) ? auth.Refuse("Expired") : auth.Accept(auth.Username ?? auth.Token)
);
hub.OnConnect((ClaimsPrincipal user) => counts.Connected(user));
hub.OnDisconnect((ClaimsPrincipal user) => counts.Disconnected(user));
hub.Asks<Confirm, string>();
hub.MapRoom("room:{name}")
    .WithHistory(20_000, TimeSpan.FromHours(1))
    .WithPresence()
    .Relay<Typing>()
    .Produces<Said>()
    .On<Search, string>((RoomRequest request, Search search) => ValueTask.FromResult($"found {search.Text}"));
hub.MapRoom("board:{name}")
    .WithHistory(1_000, TimeSpan.FromHours(1))
    .WithPresence(static presence => presence.MayUpdate = true)
    .WithMap(static map => map.MayPut(""))
    .WithReadMarkers();
hub.MapRoom("closed:{name}").OnJoin((JoinRequest join) => join.Refuse("Members only"));

app.MapHub<SignalRHub>("/signalr");
app.MapGet("/stats", () => Results.Json(counts.Snapshot()));
app.MapPost(
    "/publish/{room}",
    async (string room, int count, int perBatch, int everyMs, IHub hub) =>
    {
        for (int n = 1; n <= count; n++)
        {
            await hub.Room(room).PublishAsync(new Said(n, Environment.TickCount64));
            if (n % perBatch == 0)
            {
                await Task.Delay(everyMs);
            }
        }
    }
);
app.MapPost(
    "/ask/{clientId}",
    async (string clientId, IHub hub) => Results.Text(await hub.Session(clientId).AskAsync<string>(new Confirm("Sure?")))
);
app.UseStaticFiles(
    new StaticFileOptions
    {
        FileProvider = new PhysicalFileProvider(pages),
        ServeUnknownFileTypes = true,
        OnPrepareResponse = static file => file.Context.Response.Headers.CacheControl = "max-age=3600",
    }
);
await app.StartAsync();
Console.WriteLine($"Listening on {app.Urls.First()}");
await app.WaitForShutdownAsync();
