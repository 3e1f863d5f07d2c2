using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs;

/// <summary>Adds to the hub's services.</summary>
public sealed class LongwireHubBuilder
{
    internal LongwireHubBuilder(IServiceCollection services) => Services = services;

    /// <summary>The application's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Adds the JSON metadata of messages and answers, as the source generator of System.Text.Json makes it. Names of properties follow the
    /// hub's convention, camelCase, whatever the context says. Without any, reflection is used where the application has it.
    /// </summary>
    /// <param name="context">The metadata.</param>
    public LongwireHubBuilder AddJsonContext(JsonSerializerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Services.AddSingleton(new MessageJsonContext(context));
        return this;
    }
}
