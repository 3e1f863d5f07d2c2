using Longwire.Hubs;
using Longwire.Transport.Linux;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseLongwireTransport(); // Longwire's event loops on Linux; elsewhere Kestrel's own transport
builder.Services.AddLongwireHub();
builder.Services.AddSingleton<ITokenValidator, Guests>();

WebApplication app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles();
app.MapLongwireHub("/ws");
app.Run();

/// <summary>Lets everybody in under the name that they ask for. Validate a real token here before you put this on the Internet.</summary>
internal sealed class Guests : ITokenValidator
{
    public ValueTask<HubIdentity?> ValidateAsync(TokenRequest request, CancellationToken cancellationToken)
    {
        bool hasName = !string.IsNullOrWhiteSpace(request.Username);
        return ValueTask.FromResult(hasName ? new HubIdentity(request.Username!) : null);
    }
}
