-- W3C trace context ("00-TRACE-SPAN-FLAGS") of the request that made the job: whoever works on it goes on below it.
ALTER TABLE jobs ADD COLUMN traceparent TEXT NOT NULL DEFAULT '' CHECK (length(traceparent) <= 55);
