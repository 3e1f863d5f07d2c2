using Longwire.Samples.Editor;
using Longwire.Yjs;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);

// The address of a handshake holds the key, which must not reach a log.
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
builder.Services.AddLongwire();
if (OperatingSystem.IsLinux())
{
    builder.WebHost.UseLongwireTransport();
}

WebApplication app = builder.Build();
string folder = builder.Configuration["Documents"] ?? "documents";
var keys = WriteKeys.FromFolder(folder);

app.MapYjs(
        "/yjs/{document}",
        options => options.Store = new FileYjsStore(folder, logger: app.Services.GetRequiredService<ILogger<FileYjsStore>>())
    )
    .OnJoin(join => keys.IsKeyOf(join.Document, join.HttpContext.Request.Query["key"]) ? join.Accept() : join.AcceptReadOnly());

app.MapWebSocket(
    "/edit/{document}",
    new EditHandler(),
    static endpoint => endpoint.CreateUserState = static context => ValueTask.FromResult<object?>(EditMember.From(context))
);

app.MapGet("/new", () => Results.Redirect(keys.NewDocument()));
app.MapGet(
    "/editor/{document}",
    (IWebHostEnvironment web) => Results.File(web.WebRootFileProvider.GetFileInfo("editor.html").PhysicalPath!, "text/html")
);
app.UseDefaultFiles().UseStaticFiles();
app.Run();
