using Microsoft.Extensions.Options;

namespace Longwire.AspNetCore;

/// <summary>Looks at the options that every endpoint starts from, so that an application with wrong ones doesn't start.</summary>
internal sealed class WebSocketEndpointOptionsValidator : IValidateOptions<WebSocketEndpointOptions>
{
    public ValidateOptionsResult Validate(string? name, WebSocketEndpointOptions options)
    {
        List<string> faults = [.. options.Faults()];
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
