-- Tells everyone who listens to the channel. Always the last thing a script does: what was told must be stored.
local function publish(channel, text)
  redis.call('PUBLISH', channel, text)
end
