// A server of documents that tests run as a process of its own:
//   file FOLDER or sqlite FILE      where the documents are
//   --dies-in-replacement SEED      ends itself by SIGKILL while a log is replaced, at a moment that the seed says
// It prints "listening PORT". GET /cost answers with the answers that it has encoded and the bytes that it has allocated so far.
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using Longwire.Yjs;
using Longwire.Yjs.DocumentServer;
using Longwire.Yjs.Sqlite;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;

IYjsStore store = args[0] == "sqlite" ? new SqliteYjsStore(args[1]) : new FileYjsStore(args[1]);
if (args.Length > 3)
{
    store = new DyingStore(store, new Random(int.Parse(args[3], CultureInfo.InvariantCulture)));
}

long answers = 0;
using var listener = new MeterListener();
listener.InstrumentPublished = static (instrument, listener) =>
{
    if (instrument.Name == "longwire.yjs.answers")
    {
        listener.EnableMeasurementEvents(instrument);
    }
};
listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref answers, value));
listener.Start();

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
builder.WebHost.UseLongwireTransport();
builder.Services.AddLongwire();
WebApplication application = builder.Build();
application.MapYjs("/yjs/{document}", options => options.Store = store);
application.MapGet("/cost", () => string.Create(CultureInfo.InvariantCulture, $"{answers} {GC.GetTotalAllocatedBytes(precise: true)}"));
await application.StartAsync();
string address = application
    .Services.GetRequiredService<IServer>()
    .Features.GetRequiredFeature<IServerAddressesFeature>()
    .Addresses.First();
Console.WriteLine($"listening {new Uri(address).Port}");
await application.WaitForShutdownAsync();
