using System.Text.Json;
using Longwire.Hubs;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddLongwireHub(hub => hub.AllowGuests = true);
WebApplication app = builder.Build();
app.MapLongwireHub("/")
    .MapRoom("document:{id}")
    .WithHistory(10_000, TimeSpan.FromDays(1))
    .OnMessage<Edit>(
        (MessageRequest<Edit> edit, string id) =>
            edit.Content.DocumentId == id ? edit.Accept() : edit.Refuse("This is an edit of another document")
    );
app.Run();

internal sealed record Edit(string DocumentId, JsonElement Operation);
