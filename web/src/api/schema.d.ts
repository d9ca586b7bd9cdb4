// Made by tools/apiTypes.mjs from the server's OpenAPI document. Do not edit.
export interface paths {
    "/uploads/initialize": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin an upload in chunks */
        post: operations["beginUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/uploads/{session_id}/chunks/{chunk_number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send one chunk: field chunk_data of a form, or the body */
        post: operations["sendChunk"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/uploads/{session_id}/finalize": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Put the chunks together and queue the transcription */
        post: operations["finishUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/uploads/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Counts of all users' uploads */
        get: operations["getUploadMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/uploads/cleanup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End what is overdue and delete its bytes now */
        post: operations["cleanUploads"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/uploads/{session_id}/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What has arrived, and every chunk that is missing */
        get: operations["getUpload"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/uploads/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Give an upload up and delete what has arrived */
        delete: operations["cancelUpload"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/uploads/{session_id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What to send after an interruption */
        get: operations["resumeUpload"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's uploads */
        get: operations["listUploads"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin a tus upload; metadata: filename, model, language, options */
        post: operations["createTusUpload"];
        delete?: never;
        /** What this server can do of tus */
        options: operations["getTusCapabilities"];
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/files/{upload_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** PATCH, HEAD or DELETE by X-HTTP-Method-Override */
        post: operations["overrideTusMethod"];
        /** Give a tus upload up */
        delete: operations["endTusUpload"];
        options?: never;
        /** Where a tus upload stands */
        head: operations["getTusOffset"];
        /** Append to a tus upload; the last byte makes the job */
        patch: operations["continueTusUpload"];
        trace?: never;
    };
    "/batch/upload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send many recordings and queue them */
        post: operations["createBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/batch/list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's batches, newest first */
        get: operations["listBatches"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/batch/{batch_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One batch with its jobs */
        get: operations["getBatch"];
        put?: never;
        post?: never;
        /** Remove a batch and its jobs */
        delete: operations["deleteBatch"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/batch/{batch_id}/progress": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far a batch is */
        get: operations["getBatchProgress"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/batch/{batch_id}/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a batch begin */
        post: operations["startBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/batch/{batch_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop all jobs of a batch */
        post: operations["cancelBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/batch/stats/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Counts of the caller's batches */
        get: operations["getBatchStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in with a password */
        post: operations["login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in with a password, for programs */
        post: operations["createToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Exchange a refresh token */
        post: operations["refreshToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End this session */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/csrf": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The token for changes with a cookie */
        get: operations["getCsrfToken"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ws/ticket": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A short-lived ticket for opening one WebSocket */
        post: operations["createSocketTicket"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who these credentials are */
        get: operations["getMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/user": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Change the own e-mail */
        put: operations["updateMe"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/change-password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change the own password; all other sessions end */
        post: operations["changePassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Own open sessions */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        /** End all own sessions */
        delete: operations["endSessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one of the own sessions */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make an account */
        post: operations["register"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Does this server wait for its first administrator */
        get: operations["getSetup"];
        put?: never;
        /** Make the first administrator with the token from the console */
        post: operations["completeSetup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All accounts, oldest first */
        get: operations["listUsers"];
        put?: never;
        /** Make an account; without a password one is made up and shown once */
        post: operations["createUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One account */
        get: operations["getUser"];
        /** Change name, e-mail, role or whether it is active */
        put: operations["updateUser"];
        post?: never;
        /** Delete an account with everything it owns */
        delete: operations["deleteUser"];
        options?: never;
        head?: never;
        /** Change name, e-mail, role or whether it is active */
        patch: operations["patchUser"];
        trace?: never;
    };
    "/users/{user_id}/reset-password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A one-time password, shown once; all sessions end */
        post: operations["resetPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** API keys, newest first */
        get: operations["listKeys"];
        put?: never;
        /** Make a key; its secret is shown once */
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/keys/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One API key */
        get: operations["getKey"];
        /** Change a key */
        put: operations["updateKey"];
        post?: never;
        /** The same as revoke */
        delete: operations["deleteKey"];
        options?: never;
        head?: never;
        /** Change a key */
        patch: operations["patchKey"];
        trace?: never;
    };
    "/keys/{key_id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End a key for good */
        post: operations["revokeKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/keys/{key_id}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a key was used for */
        get: operations["getKeyUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/keys/stats/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Keys in numbers */
        get: operations["getKeySummary"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/keys/{key_id}/regenerate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A new secret; the old one ends at once */
        post: operations["regenerateKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/keys/permissions/available": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What keys may be allowed */
        get: operations["listKeyPermissions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/keys/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Does this key work */
        get: operations["testKey"];
        put?: never;
        /** Does this key work */
        post: operations["testKeyByPost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** API keys, newest first */
        get: operations["adminListKeys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/api-keys/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One API key */
        get: operations["adminGetKey"];
        put?: never;
        post?: never;
        /** The same as revoke */
        delete: operations["adminDeleteKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/api-keys/{key_id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End a key for good */
        post: operations["adminRevokeKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/api-keys/{key_id}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a key was used for */
        get: operations["adminGetKeyUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/api-keys/stats/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Keys in numbers */
        get: operations["adminGetKeySummary"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/api-keys/{key_id}/suspend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Switch a key off */
        post: operations["adminSuspendKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/api-keys/{key_id}/unsuspend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Switch it on again */
        post: operations["adminUnsuspendKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/api-keys/cleanup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Mark keys beyond their time */
        post: operations["adminCleanUpKeys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/preferences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's settings */
        get: operations["getPreferences"];
        /** Replace the caller's settings */
        put: operations["putPreferences"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/concurrency": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many jobs run at once */
        get: operations["getConcurrency"];
        /** Change it at once, and for later starts */
        put: operations["putConcurrency"];
        /** Change it at once, and for later starts */
        post: operations["setConcurrency"];
        /** Back to the configuration */
        delete: operations["clearConcurrency"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Workers and their last signs of life */
        get: operations["getHeartbeat"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The server in numbers, as they are now */
        get: operations["getStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/jobs/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All jobs in numbers */
        get: operations["getJobStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/cleanup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Find files without a record and records without a file */
        post: operations["cleanUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/shutdown": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End the service in order */
        post: operations["shutDown"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/restart": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End the service in order and start it again */
        post: operations["restart"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Jobs of everybody */
        get: operations["adminListJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/jobs/{job_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One job of anybody, with its text */
        get: operations["adminGetJob"];
        put?: never;
        post?: never;
        /** Remove a job with all that belongs to it */
        delete: operations["adminDeleteJob"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/jobs/{job_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop anybody's job */
        post: operations["adminCancelJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/jobs/{job_id}/requeue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run a dead letter again */
        post: operations["adminRequeueJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/security/audit-logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The audit record, newest first */
        get: operations["listAuditLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/security/audit-logs/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Check the chain of the whole record */
        get: operations["verifyAuditLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Models, their sizes and states */
        get: operations["listModelStates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/system/hardware": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What this machine can run, and the model that suits it */
        get: operations["getHardware"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Models with downloads and reasons of failure */
        get: operations["adminListModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/models/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Downloads as they go on (server-sent events) */
        get: operations["streamModelDownloads"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/models/{model}/download": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Fetch a published model */
        post: operations["downloadModel"];
        /** Stop fetching; what is there is kept for the next time */
        delete: operations["cancelModelDownload"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/models/{model}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove an installed model */
        delete: operations["removeModel"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/models/{model}/speed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Measure how fast a model is on this machine, with the bundled recording */
        post: operations["measureModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/models/{model}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Install a model from its weight file (.pt, ggml .bin, .safetensors) */
        put: operations["bringInModel"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the caller uses, and his quota */
        get: operations["getUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What each user uses, most bytes first */
        get: operations["adminListUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/queue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What waits and what runs */
        get: operations["adminGetQueue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/storage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is stored, in all */
        get: operations["adminGetStorage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ws/jobs/{job_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A job's progress until its end */
        get: operations["watchJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ws/logs/{job_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A job's log until its end */
        get: operations["watchJobLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ws/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the caller's batches get on */
        get: operations["watchBatches"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ws/user/notifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happens to the caller's jobs, and to the topics he subscribes to */
        get: operations["watchNotifications"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ws/logs/system": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The server's log; for administrators */
        get: operations["watchSystemLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/logs/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The server's log as it is written (server-sent events) */
        get: operations["streamSystemLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ws/admin/monitoring": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The server in numbers every 30 s; get_metrics, get_connections, broadcast */
        get: operations["watchSystem"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ws/system/broadcasts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What administrators announce */
        get: operations["watchBroadcasts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Does the server reach its database */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Does the process answer */
        get: operations["getLiveness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Can the server take work */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/readyz/details": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Readiness with the reason of each check */
        get: operations["getReadinessDetails"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/version": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which build this is */
        get: operations["getVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Prometheus metrics */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This API as an OpenAPI 3.1 document */
        get: operations["getOpenApi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Reference with requests to try */
        get: operations["getDocs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs/docs.js": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The reference page's script */
        get: operations["getDocsScript"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs/docs.css": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The reference page's style */
        get: operations["getDocsStyle"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's jobs, newest first */
        get: operations["listJobs"];
        put?: never;
        /** Send a recording and queue its transcription */
        post: operations["createJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One job, with its text when done */
        get: operations["getJob"];
        put?: never;
        post?: never;
        /** Remove a job, its recording and its transcripts */
        delete: operations["deleteJob"];
        options?: never;
        head?: never;
        /** Title, notes, tags, star, and whether it is put away */
        patch: operations["changeJob"];
        trace?: never;
    };
    "/jobs/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many jobs the caller has, by state, star and tag */
        get: operations["getLibraryStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}/progress": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far a job is */
        get: operations["getJobProgress"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop a queued or running job */
        post: operations["cancelJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}/restart": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run an ended job again */
        post: operations["restartJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/transcripts/{job_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The text with the job's data */
        get: operations["getTranscript"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/transcripts/{job_id}/raw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The text alone */
        get: operations["getTranscriptText"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}/download": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The transcript as a file */
        get: operations["downloadTranscript"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/export/download/{job_id}/{format}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The transcript as a file, the format in the path */
        get: operations["downloadTranscriptAs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}/metadata": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Counts and measures of the transcript */
        get: operations["getMetadata"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}/log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened to a job */
        get: operations["getJobLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}/audio": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The recording, with ranges */
        get: operations["getAudio"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}/peaks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The waveform's extremes */
        get: operations["getPeaks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The job's events as they come (server-sent events) */
        get: operations["streamJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/export/formats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a transcript can become */
        get: operations["listFormats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Jobs whose title or text has what is looked for, with the places */
        post: operations["search"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/search/quick": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The best few, while typing */
        get: operations["searchQuickly"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}/document": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The transcript as it can be edited */
        get: operations["getDocument"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}/document/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What changed since a revision */
        get: operations["getDocumentChanges"];
        put?: never;
        /** Change turns and speakers, all or nothing */
        post: operations["changeDocument"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All versions of a transcript, oldest first */
        get: operations["listVersions"];
        put?: never;
        /** Keep the transcript as it is now */
        post: operations["createVersion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}/versions/{version}/document": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The transcript as it was in a version */
        get: operations["getVersionDocument"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}/versions/{version}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a version the transcript again */
        post: operations["restoreVersion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audio/transcriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A recording into text */
        post: operations["createTranscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audio/translations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A recording into English text */
        post: operations["createTranslation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chat/completions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The audio of a chat message into text */
        post: operations["createChatCompletion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Models that can be used */
        get: operations["listModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{model}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One model */
        get: operations["getModel"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        ApiKey: {
            allowed_ips?: string[];
            api_key?: string;
            created_at?: string | null;
            daily_quota?: number | null;
            description?: string;
            expires_at?: string | null;
            hourly_limit?: number;
            id: string;
            last_used_at?: string | null;
            monthly_quota?: number | null;
            name: string;
            permissions: string[];
            prefix: string;
            requests_total?: number;
            revoked_at?: string | null;
            /** @enum {unknown} */
            status: "active" | "revoked" | "expired" | "suspended";
            user_id?: string;
        };
        ApiKeyList: {
            keys?: components["schemas"]["ApiKey"][];
            total?: number;
        };
        Batch: {
            batch_id: string;
            status: string;
        };
        BatchForm: {
            auto_start?: boolean;
            batch_name?: string;
            config_json?: string;
            description?: string;
            "files[]": string[];
            language?: string;
            max_parallel_jobs?: number;
            model?: string;
            priority?: string;
        };
        BatchList: {
            batches: Record<string, never>[];
            total: number;
        };
        BatchStats: {
            total_batches: number;
            total_jobs: number;
        };
        ChatBody: Record<string, never>;
        ChatCompletion: {
            choices: Record<string, never>[];
            created?: number;
            id: string;
            model?: string;
            /** @constant */
            object?: "chat.completion";
        };
        Concurrency: {
            configured?: number;
            max_concurrent_jobs: number;
            /** @enum {unknown} */
            source?: "runtime" | "configuration";
        };
        CsrfToken: {
            csrf_token?: string;
        };
        Document: {
            duration?: number;
            job_id: string;
            language?: string;
            revision: number;
            speakers: components["schemas"]["DocumentSpeaker"][];
            turns: components["schemas"]["DocumentTurn"][];
        };
        DocumentApplied: {
            revision: number;
            revs: Record<string, never>;
        };
        DocumentChange: {
            id?: string;
            if_rev: number;
            /** @enum {unknown} */
            op: "put_turn" | "delete_turn" | "put_speaker" | "delete_speaker";
            speaker?: components["schemas"]["DocumentSpeaker"];
            turn?: components["schemas"]["DocumentTurn"];
        };
        DocumentChanges: {
            change_id: string;
            changes: components["schemas"]["DocumentChange"][];
        };
        DocumentDelta: {
            deleted_speakers: string[];
            deleted_turns: string[];
            revision: number;
            speakers: components["schemas"]["DocumentSpeaker"][];
            turns: components["schemas"]["DocumentTurn"][];
        };
        DocumentSpeaker: {
            color?: number;
            id: string;
            name: string;
            rev?: number;
        };
        DocumentTurn: {
            end: number;
            id: string;
            note?: string;
            pos: string;
            rev?: number;
            speaker?: string | null;
            start: number;
            words: components["schemas"]["DocumentWord"][];
        };
        DocumentWord: {
            e: number;
            i?: number;
            p?: number | null;
            s: number;
            t: string;
            x?: number;
        };
        Formats: {
            formats: Record<string, never>[];
        };
        Hardware: {
            cores: number;
            helpers?: components["schemas"]["ModelHelper"][];
            instruction_sets?: string[];
            memory_bytes: number;
            models: components["schemas"]["ModelInfo"][];
            recommended: {
                model?: string;
                reason?: string;
            };
        };
        Health: {
            message?: string;
            service?: string;
            status: string;
        };
        Job: {
            archived?: boolean;
            attempts?: number;
            /** @example null */
            code?: number | null;
            /** Format: date-time */
            created_at: string;
            detected_language?: string | null;
            download_url?: string | null;
            duration?: number | null;
            error_code?: string | null;
            error_message?: string | null;
            estimated_time_remaining?: number | null;
            file_size?: number;
            filename?: string;
            finished_at?: string | null;
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            job_id: string;
            language?: string | null;
            model: string;
            model_name?: string;
            notes?: string;
            original_filename?: string;
            progress?: number;
            queue_position?: number | null;
            seconds_done?: number;
            seconds_total?: number;
            speakers?: string[];
            speed?: number;
            stage?: string;
            starred?: boolean;
            started_at?: string | null;
            /** @enum {unknown} */
            status: "queued" | "processing" | "enriching" | "completed" | "cancelled" | "failed" | "failed_timeout" | "failed_launch_error" | "failed_whisper_error" | "failed_thread_exception" | "failed_unknown";
            tags?: string[];
            title?: string | null;
            transcript?: string | null;
            transcript_edited?: boolean;
            transcript_file?: string | null;
            /** Format: date-time */
            updated_at?: string;
        };
        JobCreated: {
            duplicate_of?: string | null;
            errors?: Record<string, never>[];
            /** Format: uuid */
            id?: string;
            /** Format: uuid */
            job_id: string;
            jobs?: Record<string, never>[];
            message: string;
            queue_job_id?: string;
            status: string;
            user_id?: string;
        };
        JobForm: {
            /** @description Detection considers only these languages. */
            allowed_languages?: string;
            /** @description Joined to the word before. */
            append_punctuations?: string;
            /** @description Windows of a file decoded together; 0: chosen. */
            batch_size?: number;
            /** @description Rows of beam search at temperature 0; 1 is greedy search. */
            beam_size?: number;
            /** @description Candidates sampled at temperatures above 0. */
            best_of?: number;
            /** @description Put it before every window. */
            carry_initial_prompt?: boolean;
            /** @description Channel to hear, counted from 0; -1: all of them. */
            channel?: number;
            /** @description Parts to transcribe: [[start, end], ...] in seconds; a null end is the end of the audio. */
            clip_timestamps?: string;
            /** @description Text that compresses better is a loop and refused. */
            compression_ratio_threshold?: number;
            /** @description Put a window's text before the next one. */
            condition_on_previous_text?: boolean;
            /** @description Name the speaker of each segment and word (S1, S2 ...); words are given their times too. */
            diarize?: boolean;
            /**
             * Format: binary
             * @description The recording
             */
            file: string;
            /** @description Drop text for which there is no evidence of speech. */
            guard?: boolean;
            /** @description Skip longer silences around text that looks invented; needs word_timestamps. */
            hallucination_silence_threshold?: number;
            /** @description Words to prefer. */
            hotwords?: string;
            /** @description Text the model sees before the first window. */
            initial_prompt?: string;
            /** @description Code or name of the language spoken; auto: detected. */
            language?: string;
            /** @description Windows of 30 s looked at until one is sure. */
            language_detection_segments?: number;
            /** @description Detection is sure at this probability. */
            language_detection_threshold?: number;
            /** @description Exponent of the length norm of candidates. */
            length_penalty?: number;
            /** @description Text with a lower mean log probability is refused. */
            logprob_threshold?: number;
            /** @description The first timestamp of a window is not later; 0 or less: no limit. */
            max_initial_timestamp?: number;
            /** @description Tokens written in a window at most; 0: half the context. */
            max_new_tokens?: number;
            /** @description At most so many speakers; 0: no limit. Needs diarize. */
            max_speakers?: number;
            /** @description At least so many speakers; 0: no limit. Needs diarize. */
            min_speakers?: number;
            /** @description Name of the model. */
            model?: string;
            /** @description Detect the language again for every window. */
            multilingual?: boolean;
            /** @description No sequence of this many tokens occurs twice. */
            no_repeat_ngram_size?: number;
            /** @description Silence above this no-speech probability. */
            no_speech_threshold?: number;
            /** @description Exactly so many speakers; 0: found out. Needs diarize. */
            num_speakers?: number;
            /** @description Beam search ends when beam size times this many candidates are finished. */
            patience?: number;
            /** @description The first window's text starts with this. */
            prefix?: string;
            /** @description Joined to the word behind. */
            prepend_punctuations?: string;
            /** @enum {string} */
            priority?: "low" | "normal" | "high" | "urgent";
            /** @description Forget earlier text after a window decoded at a higher temperature. */
            prompt_reset_on_temperature?: number;
            /** @description Above 1, tokens that occurred become less likely. */
            repetition_penalty?: number;
            /** @description The same seed gives the same text. */
            seed?: number;
            /** @description A window's text does not begin with a blank. */
            suppress_blank?: boolean;
            /** @description Tokens never written; -1 stands for symbols that are not speech. */
            suppress_tokens?: string;
            /** @description Write the language spoken, or translate into English. */
            task?: string;
            /** @description First sampling temperature, or the list of those tried in order. */
            temperature?: string;
            /** @description Give every token its log probability (JSON). */
            token_logprobs?: boolean;
            /** @description Audio track, counted from 0; -1: the best one. */
            track?: number;
            /** @description Find speech first and leave out silence. */
            vad_filter?: boolean;
            /** @description Shorter silence (seconds) does not end speech. */
            vad_min_silence?: number;
            /** @description Shorter speech (seconds) is left out. */
            vad_min_speech?: number;
            /** @description Speech ends below this probability. */
            vad_offset?: number;
            /** @description Speech starts at this probability. */
            vad_onset?: number;
            /** @description Seconds added on both sides of speech. */
            vad_padding?: number;
            /** @description How audio is cut into windows: at silences, or as openai-whisper does. */
            windowing?: string;
            /** @description Decode without timestamp tokens. */
            without_timestamps?: boolean;
            /** @description Give every word its times. */
            word_timestamps?: boolean;
        };
        JobList: {
            jobs: components["schemas"]["Job"][];
            limit: number;
            pagination: {
                has_more: boolean;
                limit: number;
                next_cursor?: string | null;
                skip: number;
                total?: number;
            };
            skip: number;
            total?: number;
        } | components["schemas"]["Job"][];
        JobPatch: {
            archived?: boolean;
            notes?: string | null;
            starred?: boolean;
            tags?: string[];
            title?: string | null;
        };
        JobProgress: {
            current_segment?: number;
            estimated_time_remaining?: number | null;
            job_id?: string;
            progress: number;
            seconds_done?: number;
            seconds_total?: number;
            speed?: number;
            stage: string;
            status?: string;
        };
        JobStats: {
            archived: number;
            by_status: Record<string, never>;
            starred: number;
            tags: {
                jobs?: number;
                tag?: string;
            }[];
            total: number;
        };
        KeyChangeRequest: {
            allowed_ips?: string[] | null;
            daily_quota?: number | null;
            description?: string | null;
            expires_days?: number | null;
            expires_in_days?: number | null;
            hourly_limit?: number | null;
            monthly_quota?: number | null;
            name?: string | null;
            permissions?: string[] | null;
            scopes?: string[] | null;
        };
        LoginRequest: {
            password: string;
            username: string;
        };
        Message: {
            message: string;
        };
        Metadata: Record<string, never>;
        ModelDownload: {
            bytes_done?: number;
            bytes_total?: number | null;
            message?: string;
            model: string;
            /** @enum {unknown} */
            state: "queued" | "running" | "done" | "failed" | "cancelled";
        };
        ModelHelper: {
            bytes: number;
            download?: Record<string, never> | null;
            installed: boolean;
            /** @enum {unknown} */
            kind: "voice_activity" | "speakers";
            licence?: string;
            name: string;
        };
        ModelInfo: {
            aliases?: string[];
            bytes: number;
            default?: boolean;
            download?: Record<string, never> | null;
            fits?: boolean | null;
            installed: boolean;
            languages?: number;
            licence?: string | null;
            memory_bytes?: number | null;
            name: string;
            parameters?: number | null;
            reason?: string;
            recommended?: boolean;
            speed?: {
                audio_seconds: number;
                /** Format: date-time */
                measured_at: string;
                seconds: number;
                times: number;
            } | null;
            /** @enum {unknown} */
            state: "absent" | "unloaded" | "loading" | "ready" | "failed";
            translates?: boolean;
        };
        ModelInfoList: {
            default?: string;
            helpers?: components["schemas"]["ModelHelper"][];
            models: components["schemas"]["ModelInfo"][];
        };
        ModelSpeed: {
            audio_seconds: number;
            /** Format: date-time */
            measured_at: string;
            seconds: number;
            times: number;
        };
        NewKeyRequest: {
            allowed_ips?: string[] | null;
            daily_quota?: number | null;
            description?: string | null;
            expires_days?: number | null;
            expires_in_days?: number | null;
            hourly_limit?: number | null;
            monthly_quota?: number | null;
            name: string;
            permissions?: string[];
            scopes?: string[];
        };
        NewUserRequest: {
            email?: string;
            must_change_password?: boolean;
            password?: string;
            /** @enum {unknown} */
            role?: "user" | "admin";
            username: string;
        };
        NewVersion: {
            label?: string;
        };
        OneTimePassword: {
            one_time_password?: string;
        };
        /**
         * @example {
         *       "error": {
         *         "code": "text",
         *         "message": "Job not found",
         *         "param": "model",
         *         "type": "text"
         *       }
         *     }
         */
        OpenAiError: {
            error: {
                code: string | null;
                message: string;
                param: string | null;
                type: string;
            };
        };
        OpenAiModel: {
            created: number;
            /** @example base */
            id: string;
            /** @constant */
            object: "model";
            owned_by: string;
        };
        OpenAiModelList: {
            data: components["schemas"]["OpenAiModel"][];
            /** @constant */
            object: "list";
        };
        PasswordRequest: {
            current_password: string;
            new_password: string;
        };
        Peaks: Record<string, never>;
        Preferences: {
            default_format?: string;
            default_language?: string;
            default_model?: string;
            default_options?: Record<string, never>;
            keymap?: Record<string, never>;
            language?: string;
            /** @enum {unknown} */
            theme?: "system" | "light" | "dark";
            vocabulary?: string[];
        };
        /**
         * @example {
         *       "code": 40401,
         *       "detail": "Job not found",
         *       "error_code": "RESOURCE_NOT_FOUND",
         *       "message": "Job not found",
         *       "request_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
         *       "timestamp": "2026-01-31T09:30:00.000Z",
         *       "validation_errors": [
         *         {
         *           "field": "body.temperature",
         *           "message": "Job not found"
         *         }
         *       ]
         *     }
         */
        Problem: {
            code?: number;
            detail: string;
            error_code: string;
            message: string;
            request_id: string;
            /** Format: date-time */
            timestamp: string;
            validation_errors?: {
                field?: string;
                message?: string;
            }[];
        };
        ProfileRequest: {
            email: string;
        };
        QueueFigures: {
            oldest_waiting_seconds?: number | null;
            running: number;
            running_jobs?: components["schemas"]["Job"][];
            slots: number;
            waiting: number;
        };
        Readiness: {
            checks: Record<string, never>;
            /** @enum {unknown} */
            status: "ready" | "degraded" | "not_ready";
        };
        RefreshRequest: {
            refresh_token?: string;
        };
        RegisterRequest: {
            email: string;
            password: string;
            username: string;
        };
        SearchMatch: {
            end?: number;
            highlights?: number[][];
            start?: number;
            text?: string;
            turn?: string;
        };
        SearchRequest: {
            filters?: {
                archived?: boolean;
                /** Format: date-time */
                created_after?: string;
                /** Format: date-time */
                created_before?: string;
                language?: string;
                max_duration?: number;
                min_duration?: number;
                model?: string;
                starred?: boolean;
                statuses?: string[];
                tag?: string;
            };
            page?: number;
            page_size?: number;
            query: string;
            /** @enum {unknown} */
            sort_order?: "relevance" | "date_desc" | "date_asc" | "duration_desc" | "duration_asc" | "filename";
        };
        SearchResults: {
            limit: number;
            results: {
                job?: components["schemas"]["Job"];
                matches?: components["schemas"]["SearchMatch"][];
                score?: number;
            }[];
            skip: number;
            total: number;
        };
        SessionList: {
            sessions?: Record<string, never>[];
        };
        SetupRequest: {
            email?: string;
            password: string;
            token: string;
            username: string;
        };
        SetupState: {
            awaits_setup?: boolean;
        };
        SocketTicket: {
            expires_in?: number;
            ticket?: string;
        };
        StorageFigures: {
            audio_seconds?: number;
            database_bytes?: number;
            edited_transcripts?: number;
            free_bytes?: number | null;
            model_bytes?: number;
            recording_bytes: number;
            recordings: number;
            transcript_bytes?: number;
            transcripts?: number;
            waiting_for_deletion?: number;
        };
        TokenReply: {
            access_token: string;
            csrf_token?: string;
            expires_in: number;
            must_change_password?: boolean;
            refresh_expires_in?: number;
            refresh_token?: string;
            /** @constant */
            token_type: "bearer";
            user?: components["schemas"]["User"];
        };
        TranscriptVersion: {
            author?: string | null;
            /** Format: date-time */
            created_at: string;
            /** @enum {unknown} */
            kind: "machine" | "edit" | "restore";
            label?: string;
            result_id?: string | null;
            revision?: number;
            version: number;
            words: number;
        };
        TranscriptVersions: components["schemas"]["TranscriptVersion"][];
        Transcription: {
            duration?: number;
            language?: string;
            logprobs?: Record<string, never>[];
            segments?: Record<string, never>[];
            task?: string;
            text: string;
            usage?: Record<string, never>;
            words?: Record<string, never>[];
        };
        TranscriptionForm: {
            /** Format: binary */
            file: string;
            "include[]"?: "logprobs"[];
            "keywords[]"?: string[];
            language?: string;
            "languages[]"?: string[];
            model: string;
            prompt?: string;
            /** @enum {string} */
            response_format?: "json" | "text" | "srt" | "verbose_json" | "vtt" | "diarized_json";
            stream?: boolean;
            temperature?: number;
            "timestamp_granularities[]"?: ("word" | "segment")[];
        };
        TranslationForm: {
            /** Format: binary */
            file: string;
            model: string;
            prompt?: string;
            /** @enum {string} */
            response_format?: "json" | "text" | "srt" | "verbose_json" | "vtt";
            temperature?: number;
        };
        UploadBegin: {
            file_hash?: string | null;
            file_size: number;
            filename: string;
            language?: string | null;
            model?: string | null;
            model_name?: string | null;
            priority?: string | null;
        };
        UploadChunk: {
            chunk_hash: string;
            chunk_number: number;
            progress_percent: number;
            /** @enum {string} */
            status: "uploaded" | "already_uploaded";
            total_chunks: number;
            uploaded_chunks: number;
        };
        UploadCleanup: {
            cleaned_sessions: number;
        };
        UploadFinished: {
            file_hash: string | null;
            final_filename: string;
            job_id: string | null;
            missing_chunks?: number[];
            /** @enum {string} */
            status: "completed" | "incomplete";
        };
        UploadList: {
            sessions: components["schemas"]["UploadSession"][];
            total: number;
        };
        UploadMetrics: {
            sessions: Record<string, never>;
            total_sessions: number;
        };
        UploadResume: {
            missing_chunks: number[];
            resumable: boolean;
            total_chunks: number;
            uploaded_chunks: number;
        };
        UploadSession: {
            chunk_size?: number;
            /** Format: date-time */
            expires_at?: string;
            file_hash?: string | null;
            file_size?: number;
            filename?: string;
            job_id?: string | null;
            kind?: string;
            missing_chunks?: number[];
            parallel_chunks?: number;
            progress_percent?: number;
            session_id: string;
            /** @enum {string} */
            status: "active" | "assembling" | "completed" | "failed" | "cancelled" | "expired";
            total_chunks?: number;
            uploaded_chunks?: number;
        };
        Usage: {
            active_jobs: number;
            active_jobs_max?: number | null;
            audio_seconds?: number;
            bytes: number;
            jobs: number;
            jobs_created?: number;
            quota_bytes?: number | null;
            user_id?: string;
        };
        UsageList: {
            users: components["schemas"]["Usage"][];
        };
        User: {
            created_at?: string | null;
            email?: string;
            id: string;
            is_active: boolean;
            is_admin: boolean;
            last_login_at?: string | null;
            must_change_password?: boolean;
            /** @enum {unknown} */
            role?: "user" | "admin";
            roles: string[];
            storage_quota_bytes?: number | null;
            updated_at?: string | null;
            username: string;
        };
        UserChangeRequest: {
            email?: string;
            is_active?: boolean;
            is_admin?: boolean;
            /** @enum {unknown} */
            role?: "user" | "admin";
            storage_quota_bytes?: number | null;
            username?: string;
        };
        UserCreated: {
            one_time_password?: string;
            user?: components["schemas"]["User"];
        };
        UserList: {
            total?: number;
            users?: components["schemas"]["User"][];
        };
        Version: {
            build_date?: string;
            build_sha?: string;
            version: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: {
        /** @description Requests that may come at once. Absent where limits are off. */
        "X-RateLimit-Limit": number;
        /** @description Requests that may still come now. */
        "X-RateLimit-Remaining": number;
        /** @description Seconds until all of them may come again. */
        "X-RateLimit-Reset": number;
        /** @description Seconds to wait before the next request. */
        "Retry-After": number;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    beginUpload: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "filename": "talk.mp3",
                 *       "file_size": 1
                 *     }
                 */
                "application/json": components["schemas"]["UploadBegin"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "chunk_size": 1,
                     *       "expires_at": "2026-01-31T09:30:00.000Z",
                     *       "file_hash": "text",
                     *       "file_size": 1,
                     *       "filename": "talk.mp3",
                     *       "job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "kind": "text",
                     *       "missing_chunks": [
                     *         1
                     *       ],
                     *       "parallel_chunks": 1,
                     *       "progress_percent": 1,
                     *       "session_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "status": "active",
                     *       "total_chunks": 1,
                     *       "uploaded_chunks": 1
                     *     }
                     */
                    "application/json": components["schemas"]["UploadSession"];
                };
            };
        };
    };
    sendChunk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
                chunk_number: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "chunk_hash": "text",
                     *       "chunk_number": 1,
                     *       "progress_percent": 1,
                     *       "status": "uploaded",
                     *       "total_chunks": 1,
                     *       "uploaded_chunks": 1
                     *     }
                     */
                    "application/json": components["schemas"]["UploadChunk"];
                };
            };
        };
    };
    finishUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "file_hash": "text",
                     *       "final_filename": "talk.mp3",
                     *       "job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "missing_chunks": [
                     *         1
                     *       ],
                     *       "status": "completed"
                     *     }
                     */
                    "application/json": components["schemas"]["UploadFinished"];
                };
            };
        };
    };
    getUploadMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sessions": {},
                     *       "total_sessions": 1
                     *     }
                     */
                    "application/json": components["schemas"]["UploadMetrics"];
                };
            };
        };
    };
    cleanUploads: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "cleaned_sessions": 1
                     *     }
                     */
                    "application/json": components["schemas"]["UploadCleanup"];
                };
            };
        };
    };
    getUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "chunk_size": 1,
                     *       "expires_at": "2026-01-31T09:30:00.000Z",
                     *       "file_hash": "text",
                     *       "file_size": 1,
                     *       "filename": "talk.mp3",
                     *       "job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "kind": "text",
                     *       "missing_chunks": [
                     *         1
                     *       ],
                     *       "parallel_chunks": 1,
                     *       "progress_percent": 1,
                     *       "session_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "status": "active",
                     *       "total_chunks": 1,
                     *       "uploaded_chunks": 1
                     *     }
                     */
                    "application/json": components["schemas"]["UploadSession"];
                };
            };
        };
    };
    cancelUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "chunk_size": 1,
                     *       "expires_at": "2026-01-31T09:30:00.000Z",
                     *       "file_hash": "text",
                     *       "file_size": 1,
                     *       "filename": "talk.mp3",
                     *       "job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "kind": "text",
                     *       "missing_chunks": [
                     *         1
                     *       ],
                     *       "parallel_chunks": 1,
                     *       "progress_percent": 1,
                     *       "session_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "status": "active",
                     *       "total_chunks": 1,
                     *       "uploaded_chunks": 1
                     *     }
                     */
                    "application/json": components["schemas"]["UploadSession"];
                };
            };
        };
    };
    resumeUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "missing_chunks": [
                     *         1
                     *       ],
                     *       "resumable": false,
                     *       "total_chunks": 1,
                     *       "uploaded_chunks": 1
                     *     }
                     */
                    "application/json": components["schemas"]["UploadResume"];
                };
            };
        };
    };
    listUploads: {
        parameters: {
            query?: {
                /** @description Only those that take content */
                active_only?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sessions": [
                     *         {
                     *           "chunk_size": 1,
                     *           "expires_at": "2026-01-31T09:30:00.000Z",
                     *           "file_hash": "text",
                     *           "file_size": 1,
                     *           "filename": "talk.mp3",
                     *           "job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *           "kind": "text",
                     *           "missing_chunks": [
                     *             1
                     *           ],
                     *           "parallel_chunks": 1,
                     *           "progress_percent": 1,
                     *           "session_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *           "status": "active",
                     *           "total_chunks": 1,
                     *           "uploaded_chunks": 1
                     *         }
                     *       ],
                     *       "total": 1
                     *     }
                     */
                    "application/json": components["schemas"]["UploadList"];
                };
            };
        };
    };
    createTusUpload: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    getTusCapabilities: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    overrideTusMethod: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    endTusUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getTusOffset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    continueTusUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    createBatch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "files[]": [
                 *         "text"
                 *       ]
                 *     }
                 */
                "multipart/form-data": components["schemas"]["BatchForm"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "batch_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "status": "queued"
                     *     }
                     */
                    "application/json": components["schemas"]["Batch"];
                };
            };
        };
    };
    listBatches: {
        parameters: {
            query?: {
                /** @description On a page */
                limit?: number;
                /** @description Before */
                offset?: number;
                /** @description Only these */
                status?: "pending" | "processing" | "completed" | "partial" | "failed" | "cancelled";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "batches": [
                     *         {}
                     *       ],
                     *       "total": 1
                     *     }
                     */
                    "application/json": components["schemas"]["BatchList"];
                };
            };
        };
    };
    getBatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                batch_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "batch_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "status": "queued"
                     *     }
                     */
                    "application/json": components["schemas"]["Batch"];
                };
            };
        };
    };
    deleteBatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                batch_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getBatchProgress: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                batch_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "batch_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "status": "queued"
                     *     }
                     */
                    "application/json": components["schemas"]["Batch"];
                };
            };
        };
    };
    startBatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                batch_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "batch_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "status": "queued"
                     *     }
                     */
                    "application/json": components["schemas"]["Batch"];
                };
            };
        };
    };
    cancelBatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                batch_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "batch_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "status": "queued"
                     *     }
                     */
                    "application/json": components["schemas"]["Batch"];
                };
            };
        };
    };
    getBatchStats: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total_batches": 1,
                     *       "total_jobs": 1
                     *     }
                     */
                    "application/json": components["schemas"]["BatchStats"];
                };
            };
        };
    };
    login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "username": "ada",
                 *       "password": "correct horse battery staple"
                 *     }
                 */
                "application/json": components["schemas"]["LoginRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...",
                     *       "csrf_token": "text",
                     *       "expires_in": 1,
                     *       "must_change_password": false,
                     *       "refresh_expires_in": 1,
                     *       "refresh_token": "text",
                     *       "token_type": "bearer",
                     *       "user": {
                     *         "created_at": "2026-01-31T09:30:00.000Z",
                     *         "email": "ada@example.org",
                     *         "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *         "is_active": false,
                     *         "is_admin": false,
                     *         "last_login_at": "2026-01-31T09:30:00.000Z",
                     *         "must_change_password": false,
                     *         "role": "user",
                     *         "roles": [
                     *           "text"
                     *         ],
                     *         "storage_quota_bytes": 1,
                     *         "updated_at": "2026-01-31T09:30:00.000Z",
                     *         "username": "ada"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["TokenReply"];
                };
            };
        };
    };
    createToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "username": "ada",
                 *       "password": "correct horse battery staple"
                 *     }
                 */
                "application/x-www-form-urlencoded": components["schemas"]["LoginRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...",
                     *       "csrf_token": "text",
                     *       "expires_in": 1,
                     *       "must_change_password": false,
                     *       "refresh_expires_in": 1,
                     *       "refresh_token": "text",
                     *       "token_type": "bearer",
                     *       "user": {
                     *         "created_at": "2026-01-31T09:30:00.000Z",
                     *         "email": "ada@example.org",
                     *         "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *         "is_active": false,
                     *         "is_admin": false,
                     *         "last_login_at": "2026-01-31T09:30:00.000Z",
                     *         "must_change_password": false,
                     *         "role": "user",
                     *         "roles": [
                     *           "text"
                     *         ],
                     *         "storage_quota_bytes": 1,
                     *         "updated_at": "2026-01-31T09:30:00.000Z",
                     *         "username": "ada"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["TokenReply"];
                };
            };
        };
    };
    refreshToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "refresh_token": "text"
                 *     }
                 */
                "application/json": components["schemas"]["RefreshRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...",
                     *       "csrf_token": "text",
                     *       "expires_in": 1,
                     *       "must_change_password": false,
                     *       "refresh_expires_in": 1,
                     *       "refresh_token": "text",
                     *       "token_type": "bearer",
                     *       "user": {
                     *         "created_at": "2026-01-31T09:30:00.000Z",
                     *         "email": "ada@example.org",
                     *         "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *         "is_active": false,
                     *         "is_admin": false,
                     *         "last_login_at": "2026-01-31T09:30:00.000Z",
                     *         "must_change_password": false,
                     *         "role": "user",
                     *         "roles": [
                     *           "text"
                     *         ],
                     *         "storage_quota_bytes": 1,
                     *         "updated_at": "2026-01-31T09:30:00.000Z",
                     *         "username": "ada"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["TokenReply"];
                };
            };
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "message": "Job not found"
                     *     }
                     */
                    "application/json": components["schemas"]["Message"];
                };
            };
        };
    };
    getCsrfToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "csrf_token": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["CsrfToken"];
                };
            };
        };
    };
    createSocketTicket: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "expires_in": 1,
                     *       "ticket": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["SocketTicket"];
                };
            };
        };
    };
    getMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "email": "ada@example.org",
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "is_active": false,
                     *       "is_admin": false,
                     *       "last_login_at": "2026-01-31T09:30:00.000Z",
                     *       "must_change_password": false,
                     *       "role": "user",
                     *       "roles": [
                     *         "text"
                     *       ],
                     *       "storage_quota_bytes": 1,
                     *       "updated_at": "2026-01-31T09:30:00.000Z",
                     *       "username": "ada"
                     *     }
                     */
                    "application/json": components["schemas"]["User"];
                };
            };
        };
    };
    updateMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.org"
                 *     }
                 */
                "application/json": components["schemas"]["ProfileRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "email": "ada@example.org",
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "is_active": false,
                     *       "is_admin": false,
                     *       "last_login_at": "2026-01-31T09:30:00.000Z",
                     *       "must_change_password": false,
                     *       "role": "user",
                     *       "roles": [
                     *         "text"
                     *       ],
                     *       "storage_quota_bytes": 1,
                     *       "updated_at": "2026-01-31T09:30:00.000Z",
                     *       "username": "ada"
                     *     }
                     */
                    "application/json": components["schemas"]["User"];
                };
            };
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "current_password": "correct horse battery staple",
                 *       "new_password": "staple battery horse correct"
                 *     }
                 */
                "application/json": components["schemas"]["PasswordRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...",
                     *       "csrf_token": "text",
                     *       "expires_in": 1,
                     *       "must_change_password": false,
                     *       "refresh_expires_in": 1,
                     *       "refresh_token": "text",
                     *       "token_type": "bearer",
                     *       "user": {
                     *         "created_at": "2026-01-31T09:30:00.000Z",
                     *         "email": "ada@example.org",
                     *         "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *         "is_active": false,
                     *         "is_admin": false,
                     *         "last_login_at": "2026-01-31T09:30:00.000Z",
                     *         "must_change_password": false,
                     *         "role": "user",
                     *         "roles": [
                     *           "text"
                     *         ],
                     *         "storage_quota_bytes": 1,
                     *         "updated_at": "2026-01-31T09:30:00.000Z",
                     *         "username": "ada"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["TokenReply"];
                };
            };
        };
    };
    listSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sessions": [
                     *         {}
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["SessionList"];
                };
            };
        };
    };
    endSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    register: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "username": "ada",
                 *       "email": "ada@example.org",
                 *       "password": "correct horse battery staple"
                 *     }
                 */
                "application/json": components["schemas"]["RegisterRequest"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "email": "ada@example.org",
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "is_active": false,
                     *       "is_admin": false,
                     *       "last_login_at": "2026-01-31T09:30:00.000Z",
                     *       "must_change_password": false,
                     *       "role": "user",
                     *       "roles": [
                     *         "text"
                     *       ],
                     *       "storage_quota_bytes": 1,
                     *       "updated_at": "2026-01-31T09:30:00.000Z",
                     *       "username": "ada"
                     *     }
                     */
                    "application/json": components["schemas"]["User"];
                };
            };
        };
    };
    getSetup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "awaits_setup": false
                     *     }
                     */
                    "application/json": components["schemas"]["SetupState"];
                };
            };
        };
    };
    completeSetup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "text",
                 *       "username": "ada",
                 *       "password": "correct horse battery staple"
                 *     }
                 */
                "application/json": components["schemas"]["SetupRequest"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "email": "ada@example.org",
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "is_active": false,
                     *       "is_admin": false,
                     *       "last_login_at": "2026-01-31T09:30:00.000Z",
                     *       "must_change_password": false,
                     *       "role": "user",
                     *       "roles": [
                     *         "text"
                     *       ],
                     *       "storage_quota_bytes": 1,
                     *       "updated_at": "2026-01-31T09:30:00.000Z",
                     *       "username": "ada"
                     *     }
                     */
                    "application/json": components["schemas"]["User"];
                };
            };
        };
    };
    listUsers: {
        parameters: {
            query?: {
                /** @description Entries to pass over */
                skip?: number;
                /** @description Entries on a page */
                limit?: number;
                /** @description Part of name or e-mail */
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total": 1,
                     *       "users": [
                     *         {
                     *           "created_at": "2026-01-31T09:30:00.000Z",
                     *           "email": "ada@example.org",
                     *           "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *           "is_active": false,
                     *           "is_admin": false,
                     *           "last_login_at": "2026-01-31T09:30:00.000Z",
                     *           "must_change_password": false,
                     *           "role": "user",
                     *           "roles": [
                     *             "text"
                     *           ],
                     *           "storage_quota_bytes": 1,
                     *           "updated_at": "2026-01-31T09:30:00.000Z",
                     *           "username": "ada"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["UserList"];
                };
            };
        };
    };
    createUser: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "username": "ada"
                 *     }
                 */
                "application/json": components["schemas"]["NewUserRequest"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "one_time_password": "text",
                     *       "user": {
                     *         "created_at": "2026-01-31T09:30:00.000Z",
                     *         "email": "ada@example.org",
                     *         "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *         "is_active": false,
                     *         "is_admin": false,
                     *         "last_login_at": "2026-01-31T09:30:00.000Z",
                     *         "must_change_password": false,
                     *         "role": "user",
                     *         "roles": [
                     *           "text"
                     *         ],
                     *         "storage_quota_bytes": 1,
                     *         "updated_at": "2026-01-31T09:30:00.000Z",
                     *         "username": "ada"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["UserCreated"];
                };
            };
        };
    };
    getUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "email": "ada@example.org",
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "is_active": false,
                     *       "is_admin": false,
                     *       "last_login_at": "2026-01-31T09:30:00.000Z",
                     *       "must_change_password": false,
                     *       "role": "user",
                     *       "roles": [
                     *         "text"
                     *       ],
                     *       "storage_quota_bytes": 1,
                     *       "updated_at": "2026-01-31T09:30:00.000Z",
                     *       "username": "ada"
                     *     }
                     */
                    "application/json": components["schemas"]["User"];
                };
            };
        };
    };
    updateUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.org",
                 *       "is_active": false,
                 *       "is_admin": false
                 *     }
                 */
                "application/json": components["schemas"]["UserChangeRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "email": "ada@example.org",
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "is_active": false,
                     *       "is_admin": false,
                     *       "last_login_at": "2026-01-31T09:30:00.000Z",
                     *       "must_change_password": false,
                     *       "role": "user",
                     *       "roles": [
                     *         "text"
                     *       ],
                     *       "storage_quota_bytes": 1,
                     *       "updated_at": "2026-01-31T09:30:00.000Z",
                     *       "username": "ada"
                     *     }
                     */
                    "application/json": components["schemas"]["User"];
                };
            };
        };
    };
    deleteUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    patchUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.org",
                 *       "is_active": false,
                 *       "is_admin": false
                 *     }
                 */
                "application/json": components["schemas"]["UserChangeRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "email": "ada@example.org",
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "is_active": false,
                     *       "is_admin": false,
                     *       "last_login_at": "2026-01-31T09:30:00.000Z",
                     *       "must_change_password": false,
                     *       "role": "user",
                     *       "roles": [
                     *         "text"
                     *       ],
                     *       "storage_quota_bytes": 1,
                     *       "updated_at": "2026-01-31T09:30:00.000Z",
                     *       "username": "ada"
                     *     }
                     */
                    "application/json": components["schemas"]["User"];
                };
            };
        };
    };
    resetPassword: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "one_time_password": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["OneTimePassword"];
                };
            };
        };
    };
    listKeys: {
        parameters: {
            query?: {
                /** @description Entries to pass over */
                skip?: number;
                /** @description Entries on a page */
                limit?: number;
                /** @description Only these */
                status?: "active" | "revoked" | "expired" | "suspended";
                /** @description Part of the name */
                search?: string;
                /** @description Administration only */
                user_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "keys": [
                     *         {
                     *           "allowed_ips": [
                     *             "text"
                     *           ],
                     *           "api_key": "wt_...",
                     *           "created_at": "2026-01-31T09:30:00.000Z",
                     *           "daily_quota": 1,
                     *           "description": "What was said in May",
                     *           "expires_at": "2026-01-31T09:30:00.000Z",
                     *           "hourly_limit": 1,
                     *           "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *           "last_used_at": "2026-01-31T09:30:00.000Z",
                     *           "monthly_quota": 1,
                     *           "name": "laptop",
                     *           "permissions": [
                     *             "text"
                     *           ],
                     *           "prefix": "text",
                     *           "requests_total": 1,
                     *           "revoked_at": "2026-01-31T09:30:00.000Z",
                     *           "status": "active",
                     *           "user_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b"
                     *         }
                     *       ],
                     *       "total": 1
                     *     }
                     */
                    "application/json": components["schemas"]["ApiKeyList"];
                };
            };
        };
    };
    createKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "laptop"
                 *     }
                 */
                "application/json": components["schemas"]["NewKeyRequest"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "allowed_ips": [
                     *         "text"
                     *       ],
                     *       "api_key": "wt_...",
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "daily_quota": 1,
                     *       "description": "What was said in May",
                     *       "expires_at": "2026-01-31T09:30:00.000Z",
                     *       "hourly_limit": 1,
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "last_used_at": "2026-01-31T09:30:00.000Z",
                     *       "monthly_quota": 1,
                     *       "name": "laptop",
                     *       "permissions": [
                     *         "text"
                     *       ],
                     *       "prefix": "text",
                     *       "requests_total": 1,
                     *       "revoked_at": "2026-01-31T09:30:00.000Z",
                     *       "status": "active",
                     *       "user_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b"
                     *     }
                     */
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
        };
    };
    getKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "allowed_ips": [
                     *         "text"
                     *       ],
                     *       "api_key": "wt_...",
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "daily_quota": 1,
                     *       "description": "What was said in May",
                     *       "expires_at": "2026-01-31T09:30:00.000Z",
                     *       "hourly_limit": 1,
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "last_used_at": "2026-01-31T09:30:00.000Z",
                     *       "monthly_quota": 1,
                     *       "name": "laptop",
                     *       "permissions": [
                     *         "text"
                     *       ],
                     *       "prefix": "text",
                     *       "requests_total": 1,
                     *       "revoked_at": "2026-01-31T09:30:00.000Z",
                     *       "status": "active",
                     *       "user_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b"
                     *     }
                     */
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
        };
    };
    updateKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "allowed_ips": [
                 *         "text"
                 *       ],
                 *       "daily_quota": 0,
                 *       "description": "What was said in May"
                 *     }
                 */
                "application/json": components["schemas"]["KeyChangeRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "allowed_ips": [
                     *         "text"
                     *       ],
                     *       "api_key": "wt_...",
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "daily_quota": 1,
                     *       "description": "What was said in May",
                     *       "expires_at": "2026-01-31T09:30:00.000Z",
                     *       "hourly_limit": 1,
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "last_used_at": "2026-01-31T09:30:00.000Z",
                     *       "monthly_quota": 1,
                     *       "name": "laptop",
                     *       "permissions": [
                     *         "text"
                     *       ],
                     *       "prefix": "text",
                     *       "requests_total": 1,
                     *       "revoked_at": "2026-01-31T09:30:00.000Z",
                     *       "status": "active",
                     *       "user_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b"
                     *     }
                     */
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
        };
    };
    deleteKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "allowed_ips": [
                     *         "text"
                     *       ],
                     *       "api_key": "wt_...",
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "daily_quota": 1,
                     *       "description": "What was said in May",
                     *       "expires_at": "2026-01-31T09:30:00.000Z",
                     *       "hourly_limit": 1,
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "last_used_at": "2026-01-31T09:30:00.000Z",
                     *       "monthly_quota": 1,
                     *       "name": "laptop",
                     *       "permissions": [
                     *         "text"
                     *       ],
                     *       "prefix": "text",
                     *       "requests_total": 1,
                     *       "revoked_at": "2026-01-31T09:30:00.000Z",
                     *       "status": "active",
                     *       "user_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b"
                     *     }
                     */
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
        };
    };
    patchKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "allowed_ips": [
                 *         "text"
                 *       ],
                 *       "daily_quota": 0,
                 *       "description": "What was said in May"
                 *     }
                 */
                "application/json": components["schemas"]["KeyChangeRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "allowed_ips": [
                     *         "text"
                     *       ],
                     *       "api_key": "wt_...",
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "daily_quota": 1,
                     *       "description": "What was said in May",
                     *       "expires_at": "2026-01-31T09:30:00.000Z",
                     *       "hourly_limit": 1,
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "last_used_at": "2026-01-31T09:30:00.000Z",
                     *       "monthly_quota": 1,
                     *       "name": "laptop",
                     *       "permissions": [
                     *         "text"
                     *       ],
                     *       "prefix": "text",
                     *       "requests_total": 1,
                     *       "revoked_at": "2026-01-31T09:30:00.000Z",
                     *       "status": "active",
                     *       "user_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b"
                     *     }
                     */
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
        };
    };
    revokeKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "allowed_ips": [
                     *         "text"
                     *       ],
                     *       "api_key": "wt_...",
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "daily_quota": 1,
                     *       "description": "What was said in May",
                     *       "expires_at": "2026-01-31T09:30:00.000Z",
                     *       "hourly_limit": 1,
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "last_used_at": "2026-01-31T09:30:00.000Z",
                     *       "monthly_quota": 1,
                     *       "name": "laptop",
                     *       "permissions": [
                     *         "text"
                     *       ],
                     *       "prefix": "text",
                     *       "requests_total": 1,
                     *       "revoked_at": "2026-01-31T09:30:00.000Z",
                     *       "status": "active",
                     *       "user_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b"
                     *     }
                     */
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
        };
    };
    getKeyUsage: {
        parameters: {
            query?: {
                /** @description Default: 30 */
                days?: number;
            };
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    getKeySummary: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    regenerateKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "allowed_ips": [
                     *         "text"
                     *       ],
                     *       "api_key": "wt_...",
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "daily_quota": 1,
                     *       "description": "What was said in May",
                     *       "expires_at": "2026-01-31T09:30:00.000Z",
                     *       "hourly_limit": 1,
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "last_used_at": "2026-01-31T09:30:00.000Z",
                     *       "monthly_quota": 1,
                     *       "name": "laptop",
                     *       "permissions": [
                     *         "text"
                     *       ],
                     *       "prefix": "text",
                     *       "requests_total": 1,
                     *       "revoked_at": "2026-01-31T09:30:00.000Z",
                     *       "status": "active",
                     *       "user_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b"
                     *     }
                     */
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
        };
    };
    listKeyPermissions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    testKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    testKeyByPost: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    adminListKeys: {
        parameters: {
            query?: {
                /** @description Entries to pass over */
                skip?: number;
                /** @description Entries on a page */
                limit?: number;
                /** @description Only these */
                status?: "active" | "revoked" | "expired" | "suspended";
                /** @description Part of the name */
                search?: string;
                /** @description Administration only */
                user_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "keys": [
                     *         {
                     *           "allowed_ips": [
                     *             "text"
                     *           ],
                     *           "api_key": "wt_...",
                     *           "created_at": "2026-01-31T09:30:00.000Z",
                     *           "daily_quota": 1,
                     *           "description": "What was said in May",
                     *           "expires_at": "2026-01-31T09:30:00.000Z",
                     *           "hourly_limit": 1,
                     *           "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *           "last_used_at": "2026-01-31T09:30:00.000Z",
                     *           "monthly_quota": 1,
                     *           "name": "laptop",
                     *           "permissions": [
                     *             "text"
                     *           ],
                     *           "prefix": "text",
                     *           "requests_total": 1,
                     *           "revoked_at": "2026-01-31T09:30:00.000Z",
                     *           "status": "active",
                     *           "user_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b"
                     *         }
                     *       ],
                     *       "total": 1
                     *     }
                     */
                    "application/json": components["schemas"]["ApiKeyList"];
                };
            };
        };
    };
    adminGetKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "allowed_ips": [
                     *         "text"
                     *       ],
                     *       "api_key": "wt_...",
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "daily_quota": 1,
                     *       "description": "What was said in May",
                     *       "expires_at": "2026-01-31T09:30:00.000Z",
                     *       "hourly_limit": 1,
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "last_used_at": "2026-01-31T09:30:00.000Z",
                     *       "monthly_quota": 1,
                     *       "name": "laptop",
                     *       "permissions": [
                     *         "text"
                     *       ],
                     *       "prefix": "text",
                     *       "requests_total": 1,
                     *       "revoked_at": "2026-01-31T09:30:00.000Z",
                     *       "status": "active",
                     *       "user_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b"
                     *     }
                     */
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
        };
    };
    adminDeleteKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "allowed_ips": [
                     *         "text"
                     *       ],
                     *       "api_key": "wt_...",
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "daily_quota": 1,
                     *       "description": "What was said in May",
                     *       "expires_at": "2026-01-31T09:30:00.000Z",
                     *       "hourly_limit": 1,
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "last_used_at": "2026-01-31T09:30:00.000Z",
                     *       "monthly_quota": 1,
                     *       "name": "laptop",
                     *       "permissions": [
                     *         "text"
                     *       ],
                     *       "prefix": "text",
                     *       "requests_total": 1,
                     *       "revoked_at": "2026-01-31T09:30:00.000Z",
                     *       "status": "active",
                     *       "user_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b"
                     *     }
                     */
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
        };
    };
    adminRevokeKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "allowed_ips": [
                     *         "text"
                     *       ],
                     *       "api_key": "wt_...",
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "daily_quota": 1,
                     *       "description": "What was said in May",
                     *       "expires_at": "2026-01-31T09:30:00.000Z",
                     *       "hourly_limit": 1,
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "last_used_at": "2026-01-31T09:30:00.000Z",
                     *       "monthly_quota": 1,
                     *       "name": "laptop",
                     *       "permissions": [
                     *         "text"
                     *       ],
                     *       "prefix": "text",
                     *       "requests_total": 1,
                     *       "revoked_at": "2026-01-31T09:30:00.000Z",
                     *       "status": "active",
                     *       "user_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b"
                     *     }
                     */
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
        };
    };
    adminGetKeyUsage: {
        parameters: {
            query?: {
                /** @description Default: 30 */
                days?: number;
            };
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    adminGetKeySummary: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    adminSuspendKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "allowed_ips": [
                     *         "text"
                     *       ],
                     *       "api_key": "wt_...",
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "daily_quota": 1,
                     *       "description": "What was said in May",
                     *       "expires_at": "2026-01-31T09:30:00.000Z",
                     *       "hourly_limit": 1,
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "last_used_at": "2026-01-31T09:30:00.000Z",
                     *       "monthly_quota": 1,
                     *       "name": "laptop",
                     *       "permissions": [
                     *         "text"
                     *       ],
                     *       "prefix": "text",
                     *       "requests_total": 1,
                     *       "revoked_at": "2026-01-31T09:30:00.000Z",
                     *       "status": "active",
                     *       "user_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b"
                     *     }
                     */
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
        };
    };
    adminUnsuspendKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "allowed_ips": [
                     *         "text"
                     *       ],
                     *       "api_key": "wt_...",
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "daily_quota": 1,
                     *       "description": "What was said in May",
                     *       "expires_at": "2026-01-31T09:30:00.000Z",
                     *       "hourly_limit": 1,
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "last_used_at": "2026-01-31T09:30:00.000Z",
                     *       "monthly_quota": 1,
                     *       "name": "laptop",
                     *       "permissions": [
                     *         "text"
                     *       ],
                     *       "prefix": "text",
                     *       "requests_total": 1,
                     *       "revoked_at": "2026-01-31T09:30:00.000Z",
                     *       "status": "active",
                     *       "user_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b"
                     *     }
                     */
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
        };
    };
    adminCleanUpKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    getPreferences: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "default_format": "text",
                     *       "default_language": "en",
                     *       "default_model": "base",
                     *       "default_options": {},
                     *       "keymap": {},
                     *       "language": "en",
                     *       "theme": "system",
                     *       "vocabulary": [
                     *         "text"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Preferences"];
                };
            };
        };
    };
    putPreferences: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "default_format": "text",
                 *       "default_language": "en",
                 *       "default_model": "base"
                 *     }
                 */
                "application/json": components["schemas"]["Preferences"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "default_format": "text",
                     *       "default_language": "en",
                     *       "default_model": "base",
                     *       "default_options": {},
                     *       "keymap": {},
                     *       "language": "en",
                     *       "theme": "system",
                     *       "vocabulary": [
                     *         "text"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Preferences"];
                };
            };
        };
    };
    getConcurrency: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "configured": 1,
                     *       "max_concurrent_jobs": 1,
                     *       "source": "runtime"
                     *     }
                     */
                    "application/json": components["schemas"]["Concurrency"];
                };
            };
        };
    };
    putConcurrency: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "max_concurrent_jobs": 1
                 *     }
                 */
                "application/json": components["schemas"]["Concurrency"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "configured": 1,
                     *       "max_concurrent_jobs": 1,
                     *       "source": "runtime"
                     *     }
                     */
                    "application/json": components["schemas"]["Concurrency"];
                };
            };
        };
    };
    setConcurrency: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "max_concurrent_jobs": 1
                 *     }
                 */
                "application/json": components["schemas"]["Concurrency"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "configured": 1,
                     *       "max_concurrent_jobs": 1,
                     *       "source": "runtime"
                     *     }
                     */
                    "application/json": components["schemas"]["Concurrency"];
                };
            };
        };
    };
    clearConcurrency: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "configured": 1,
                     *       "max_concurrent_jobs": 1,
                     *       "source": "runtime"
                     *     }
                     */
                    "application/json": components["schemas"]["Concurrency"];
                };
            };
        };
    };
    getHeartbeat: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    getStats: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    getJobStats: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    cleanUp: {
        parameters: {
            query?: {
                /** @description Default: true, nothing is removed */
                dry_run?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    shutDown: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    restart: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    adminListJobs: {
        parameters: {
            query?: {
                /** @description Entries to pass over */
                skip?: number;
                /** @description Entries on a page */
                limit?: number;
                /** @description Only what has failed for good */
                dead_letter?: boolean;
                /** @description Of this user */
                user_id?: string;
                /** @description As in /jobs */
                search?: string;
                /** @description Not older than so many */
                days?: number;
                /** @description Only these */
                status?: "queued" | "processing" | "enriching" | "completed" | "cancelled" | "failed" | "failed_timeout" | "failed_launch_error" | "failed_unknown" | "failed_whisper_error" | "failed_thread_exception";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "jobs": [
                     *         {
                     *           "archived": false,
                     *           "attempts": 1,
                     *           "code": null,
                     *           "created_at": "2026-01-31T09:30:00.000Z",
                     *           "detected_language": "en",
                     *           "download_url": "/jobs/0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b/download",
                     *           "duration": 1,
                     *           "error_code": "RESOURCE_NOT_FOUND",
                     *           "error_message": "text",
                     *           "estimated_time_remaining": 1,
                     *           "file_size": 1,
                     *           "filename": "talk.mp3",
                     *           "finished_at": "2026-01-31T09:30:00.000Z",
                     *           "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *           "job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *           "language": "en",
                     *           "model": "base",
                     *           "model_name": "base",
                     *           "notes": "Recorded on the train.",
                     *           "original_filename": "talk.mp3",
                     *           "progress": 0,
                     *           "queue_position": 1,
                     *           "seconds_done": 1,
                     *           "seconds_total": 1,
                     *           "speakers": [
                     *             "S1"
                     *           ],
                     *           "speed": 1,
                     *           "stage": "text",
                     *           "starred": false,
                     *           "started_at": "2026-01-31T09:30:00.000Z",
                     *           "status": "queued",
                     *           "tags": [
                     *             "interview"
                     *           ],
                     *           "title": "About the engine",
                     *           "transcript": "And now the analytical engine.",
                     *           "transcript_edited": false,
                     *           "transcript_file": "text",
                     *           "updated_at": "2026-01-31T09:30:00.000Z"
                     *         }
                     *       ],
                     *       "limit": 1,
                     *       "pagination": {
                     *         "has_more": false,
                     *         "limit": 1,
                     *         "next_cursor": "text",
                     *         "skip": 1,
                     *         "total": 1
                     *       },
                     *       "skip": 1,
                     *       "total": 1
                     *     }
                     */
                    "application/json": components["schemas"]["JobList"];
                };
            };
        };
    };
    adminGetJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "archived": false,
                     *       "attempts": 1,
                     *       "code": null,
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "detected_language": "en",
                     *       "download_url": "/jobs/0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b/download",
                     *       "duration": 1,
                     *       "error_code": "RESOURCE_NOT_FOUND",
                     *       "error_message": "text",
                     *       "estimated_time_remaining": 1,
                     *       "file_size": 1,
                     *       "filename": "talk.mp3",
                     *       "finished_at": "2026-01-31T09:30:00.000Z",
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "language": "en",
                     *       "model": "base",
                     *       "model_name": "base",
                     *       "notes": "Recorded on the train.",
                     *       "original_filename": "talk.mp3",
                     *       "progress": 0,
                     *       "queue_position": 1,
                     *       "seconds_done": 1,
                     *       "seconds_total": 1,
                     *       "speakers": [
                     *         "S1"
                     *       ],
                     *       "speed": 1,
                     *       "stage": "text",
                     *       "starred": false,
                     *       "started_at": "2026-01-31T09:30:00.000Z",
                     *       "status": "queued",
                     *       "tags": [
                     *         "interview"
                     *       ],
                     *       "title": "About the engine",
                     *       "transcript": "And now the analytical engine.",
                     *       "transcript_edited": false,
                     *       "transcript_file": "text",
                     *       "updated_at": "2026-01-31T09:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    adminDeleteJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    adminCancelJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "archived": false,
                     *       "attempts": 1,
                     *       "code": null,
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "detected_language": "en",
                     *       "download_url": "/jobs/0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b/download",
                     *       "duration": 1,
                     *       "error_code": "RESOURCE_NOT_FOUND",
                     *       "error_message": "text",
                     *       "estimated_time_remaining": 1,
                     *       "file_size": 1,
                     *       "filename": "talk.mp3",
                     *       "finished_at": "2026-01-31T09:30:00.000Z",
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "language": "en",
                     *       "model": "base",
                     *       "model_name": "base",
                     *       "notes": "Recorded on the train.",
                     *       "original_filename": "talk.mp3",
                     *       "progress": 0,
                     *       "queue_position": 1,
                     *       "seconds_done": 1,
                     *       "seconds_total": 1,
                     *       "speakers": [
                     *         "S1"
                     *       ],
                     *       "speed": 1,
                     *       "stage": "text",
                     *       "starred": false,
                     *       "started_at": "2026-01-31T09:30:00.000Z",
                     *       "status": "queued",
                     *       "tags": [
                     *         "interview"
                     *       ],
                     *       "title": "About the engine",
                     *       "transcript": "And now the analytical engine.",
                     *       "transcript_edited": false,
                     *       "transcript_file": "text",
                     *       "updated_at": "2026-01-31T09:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    adminRequeueJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "archived": false,
                     *       "attempts": 1,
                     *       "code": null,
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "detected_language": "en",
                     *       "download_url": "/jobs/0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b/download",
                     *       "duration": 1,
                     *       "error_code": "RESOURCE_NOT_FOUND",
                     *       "error_message": "text",
                     *       "estimated_time_remaining": 1,
                     *       "file_size": 1,
                     *       "filename": "talk.mp3",
                     *       "finished_at": "2026-01-31T09:30:00.000Z",
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "language": "en",
                     *       "model": "base",
                     *       "model_name": "base",
                     *       "notes": "Recorded on the train.",
                     *       "original_filename": "talk.mp3",
                     *       "progress": 0,
                     *       "queue_position": 1,
                     *       "seconds_done": 1,
                     *       "seconds_total": 1,
                     *       "speakers": [
                     *         "S1"
                     *       ],
                     *       "speed": 1,
                     *       "stage": "text",
                     *       "starred": false,
                     *       "started_at": "2026-01-31T09:30:00.000Z",
                     *       "status": "queued",
                     *       "tags": [
                     *         "interview"
                     *       ],
                     *       "title": "About the engine",
                     *       "transcript": "And now the analytical engine.",
                     *       "transcript_edited": false,
                     *       "transcript_file": "text",
                     *       "updated_at": "2026-01-31T09:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    listAuditLog: {
        parameters: {
            query?: {
                /** @description Entries to pass over */
                skip?: number;
                /** @description Entries on a page */
                limit?: number;
                /** @description Exactly this */
                event_type?: string;
                /** @description Exactly this */
                severity?: string;
                /** @description Exactly this */
                outcome?: string;
                /** @description Exactly this */
                user_id?: string;
                /** @description Exactly this */
                ip_address?: string;
                /** @description Exactly this */
                request_id?: string;
                /** @description A time */
                since?: string;
                /** @description A time */
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    verifyAuditLog: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    listModelStates: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "default": "text",
                     *       "helpers": [
                     *         {
                     *           "bytes": 1,
                     *           "download": {},
                     *           "installed": false,
                     *           "kind": "voice_activity",
                     *           "licence": "text",
                     *           "name": "laptop"
                     *         }
                     *       ],
                     *       "models": [
                     *         {
                     *           "aliases": [
                     *             "text"
                     *           ],
                     *           "bytes": 1,
                     *           "default": false,
                     *           "download": {},
                     *           "fits": false,
                     *           "installed": false,
                     *           "languages": 1,
                     *           "licence": "text",
                     *           "memory_bytes": 1,
                     *           "name": "laptop",
                     *           "parameters": 1,
                     *           "reason": "text",
                     *           "recommended": false,
                     *           "speed": {
                     *             "audio_seconds": 1,
                     *             "measured_at": "2026-01-31T09:30:00.000Z",
                     *             "seconds": 1,
                     *             "times": 1
                     *           },
                     *           "state": "absent",
                     *           "translates": false
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ModelInfoList"];
                };
            };
        };
    };
    getHardware: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "cores": 1,
                     *       "helpers": [
                     *         {
                     *           "bytes": 1,
                     *           "download": {},
                     *           "installed": false,
                     *           "kind": "voice_activity",
                     *           "licence": "text",
                     *           "name": "laptop"
                     *         }
                     *       ],
                     *       "instruction_sets": [
                     *         "text"
                     *       ],
                     *       "memory_bytes": 1,
                     *       "models": [
                     *         {
                     *           "aliases": [
                     *             "text"
                     *           ],
                     *           "bytes": 1,
                     *           "default": false,
                     *           "download": {},
                     *           "fits": false,
                     *           "installed": false,
                     *           "languages": 1,
                     *           "licence": "text",
                     *           "memory_bytes": 1,
                     *           "name": "laptop",
                     *           "parameters": 1,
                     *           "reason": "text",
                     *           "recommended": false,
                     *           "speed": {
                     *             "audio_seconds": 1,
                     *             "measured_at": "2026-01-31T09:30:00.000Z",
                     *             "seconds": 1,
                     *             "times": 1
                     *           },
                     *           "state": "absent",
                     *           "translates": false
                     *         }
                     *       ],
                     *       "recommended": {
                     *         "model": "base",
                     *         "reason": "text"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Hardware"];
                };
            };
        };
    };
    adminListModels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "default": "text",
                     *       "helpers": [
                     *         {
                     *           "bytes": 1,
                     *           "download": {},
                     *           "installed": false,
                     *           "kind": "voice_activity",
                     *           "licence": "text",
                     *           "name": "laptop"
                     *         }
                     *       ],
                     *       "models": [
                     *         {
                     *           "aliases": [
                     *             "text"
                     *           ],
                     *           "bytes": 1,
                     *           "default": false,
                     *           "download": {},
                     *           "fits": false,
                     *           "installed": false,
                     *           "languages": 1,
                     *           "licence": "text",
                     *           "memory_bytes": 1,
                     *           "name": "laptop",
                     *           "parameters": 1,
                     *           "reason": "text",
                     *           "recommended": false,
                     *           "speed": {
                     *             "audio_seconds": 1,
                     *             "measured_at": "2026-01-31T09:30:00.000Z",
                     *             "seconds": 1,
                     *             "times": 1
                     *           },
                     *           "state": "absent",
                     *           "translates": false
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ModelInfoList"];
                };
            };
        };
    };
    streamModelDownloads: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
        };
    };
    downloadModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                model: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "bytes_done": 1,
                     *       "bytes_total": 1,
                     *       "message": "Job not found",
                     *       "model": "base",
                     *       "state": "queued"
                     *     }
                     */
                    "application/json": components["schemas"]["ModelDownload"];
                };
            };
        };
    };
    cancelModelDownload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                model: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    removeModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                model: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    measureModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                model: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "audio_seconds": 1,
                     *       "measured_at": "2026-01-31T09:30:00.000Z",
                     *       "seconds": 1,
                     *       "times": 1
                     *     }
                     */
                    "application/json": components["schemas"]["ModelSpeed"];
                };
            };
        };
    };
    bringInModel: {
        parameters: {
            query?: {
                /** @description The file's name; its ending says what it is */
                filename?: string;
            };
            header?: never;
            path: {
                model: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "message": "Job not found"
                     *     }
                     */
                    "application/json": components["schemas"]["Message"];
                };
            };
        };
    };
    getUsage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "active_jobs": 1,
                     *       "active_jobs_max": 1,
                     *       "audio_seconds": 1,
                     *       "bytes": 1,
                     *       "jobs": 1,
                     *       "jobs_created": 1,
                     *       "quota_bytes": 1,
                     *       "user_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b"
                     *     }
                     */
                    "application/json": components["schemas"]["Usage"];
                };
            };
        };
    };
    adminListUsage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "users": [
                     *         {
                     *           "active_jobs": 1,
                     *           "active_jobs_max": 1,
                     *           "audio_seconds": 1,
                     *           "bytes": 1,
                     *           "jobs": 1,
                     *           "jobs_created": 1,
                     *           "quota_bytes": 1,
                     *           "user_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["UsageList"];
                };
            };
        };
    };
    adminGetQueue: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "oldest_waiting_seconds": 1,
                     *       "running": 1,
                     *       "running_jobs": [
                     *         {
                     *           "archived": false,
                     *           "attempts": 1,
                     *           "code": null,
                     *           "created_at": "2026-01-31T09:30:00.000Z",
                     *           "detected_language": "en",
                     *           "download_url": "/jobs/0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b/download",
                     *           "duration": 1,
                     *           "error_code": "RESOURCE_NOT_FOUND",
                     *           "error_message": "text",
                     *           "estimated_time_remaining": 1,
                     *           "file_size": 1,
                     *           "filename": "talk.mp3",
                     *           "finished_at": "2026-01-31T09:30:00.000Z",
                     *           "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *           "job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *           "language": "en",
                     *           "model": "base",
                     *           "model_name": "base",
                     *           "notes": "Recorded on the train.",
                     *           "original_filename": "talk.mp3",
                     *           "progress": 0,
                     *           "queue_position": 1,
                     *           "seconds_done": 1,
                     *           "seconds_total": 1,
                     *           "speakers": [
                     *             "S1"
                     *           ],
                     *           "speed": 1,
                     *           "stage": "text",
                     *           "starred": false,
                     *           "started_at": "2026-01-31T09:30:00.000Z",
                     *           "status": "queued",
                     *           "tags": [
                     *             "interview"
                     *           ],
                     *           "title": "About the engine",
                     *           "transcript": "And now the analytical engine.",
                     *           "transcript_edited": false,
                     *           "transcript_file": "text",
                     *           "updated_at": "2026-01-31T09:30:00.000Z"
                     *         }
                     *       ],
                     *       "slots": 1,
                     *       "waiting": 1
                     *     }
                     */
                    "application/json": components["schemas"]["QueueFigures"];
                };
            };
        };
    };
    adminGetStorage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "audio_seconds": 1,
                     *       "database_bytes": 1,
                     *       "edited_transcripts": 1,
                     *       "free_bytes": 1,
                     *       "model_bytes": 1,
                     *       "recording_bytes": 1,
                     *       "recordings": 1,
                     *       "transcript_bytes": 1,
                     *       "transcripts": 1,
                     *       "waiting_for_deletion": 1
                     *     }
                     */
                    "application/json": components["schemas"]["StorageFigures"];
                };
            };
        };
    };
    watchJob: {
        parameters: {
            query?: {
                /** @description From POST /ws/ticket; good for one */
                ticket?: string;
                /** @description Deprecated: addresses end up in logs. Use a ticket or the first message */
                token?: string;
                /** @description Events seen already */
                after?: number;
                /** @description true: go on after the job's end and say how its transcript is edited */
                follow?: boolean;
            };
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: never;
    };
    watchJobLog: {
        parameters: {
            query?: {
                /** @description From POST /ws/ticket; good for one */
                ticket?: string;
                /** @description Deprecated: addresses end up in logs. Use a ticket or the first message */
                token?: string;
            };
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: never;
    };
    watchBatches: {
        parameters: {
            query?: {
                /** @description From POST /ws/ticket; good for one */
                ticket?: string;
                /** @description Deprecated: addresses end up in logs. Use a ticket or the first message */
                token?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: never;
    };
    watchNotifications: {
        parameters: {
            query?: {
                /** @description From POST /ws/ticket; good for one */
                ticket?: string;
                /** @description Deprecated: addresses end up in logs. Use a ticket or the first message */
                token?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: never;
    };
    watchSystemLog: {
        parameters: {
            query?: {
                /** @description From POST /ws/ticket; good for one */
                ticket?: string;
                /** @description Deprecated: addresses end up in logs. Use a ticket or the first message */
                token?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: never;
    };
    streamSystemLog: {
        parameters: {
            query?: {
                /** @description As Last-Event-ID */
                last_event_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
        };
    };
    watchSystem: {
        parameters: {
            query?: {
                /** @description From POST /ws/ticket; good for one */
                ticket?: string;
                /** @description Deprecated: addresses end up in logs. Use a ticket or the first message */
                token?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: never;
    };
    watchBroadcasts: {
        parameters: {
            query?: {
                /** @description From POST /ws/ticket; good for one */
                ticket?: string;
                /** @description Deprecated: addresses end up in logs. Use a ticket or the first message */
                token?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: never;
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "message": "Job not found",
                     *       "service": "whisper-transcriber",
                     *       "status": "queued"
                     *     }
                     */
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    getLiveness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "message": "Job not found",
                     *       "service": "whisper-transcriber",
                     *       "status": "queued"
                     *     }
                     */
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "checks": {},
                     *       "status": "ready"
                     *     }
                     */
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    getReadinessDetails: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "checks": {},
                     *       "status": "ready"
                     *     }
                     */
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    getVersion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "build_date": "text",
                     *       "build_sha": "9fceb02",
                     *       "version": "0.1.0"
                     *     }
                     */
                    "application/json": components["schemas"]["Version"];
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    getOpenApi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    getDocs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
        };
    };
    getDocsScript: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/javascript": string;
                };
            };
        };
    };
    getDocsStyle: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/css": string;
                };
            };
        };
    };
    listJobs: {
        parameters: {
            query?: {
                /** @description Jobs to pass over */
                skip?: number;
                /** @description Jobs on a page */
                limit?: number;
                /** @description Jobs on a page of a list by cursor. Default: 20 */
                page_size?: number;
                /** @description pagination.next_cursor of the page before; with the same filters, for a day */
                cursor?: string;
                /** @description false: without the number of all, which saves time */
                include_total?: boolean;
                /** @description Statuses joined by | */
                status?: string;
                /** @description In id, title, file name and text */
                search?: string;
                /** @description With exactly this tag */
                tag?: string;
                /** @description With a star, or without one */
                starred?: boolean;
                /** @description Put away, or not. Default: both */
                archived?: boolean;
                /** @description Exactly this model */
                model?: string;
                /** @description Exactly this language */
                language?: string;
                /** @description Of this batch */
                batch_id?: string;
                /** @description Not older than this */
                created_after?: string;
                /** @description Older than this */
                created_before?: string;
                /** @description Default: created_at */
                sort_by?: "created_at" | "updated_at" | "filename" | "duration" | "status" | "title";
                /** @description Default: desc */
                sort_order?: "asc" | "desc";
                /** @description array: the jobs alone */
                format?: "object" | "array";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "jobs": [
                     *         {
                     *           "archived": false,
                     *           "attempts": 1,
                     *           "code": null,
                     *           "created_at": "2026-01-31T09:30:00.000Z",
                     *           "detected_language": "en",
                     *           "download_url": "/jobs/0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b/download",
                     *           "duration": 1,
                     *           "error_code": "RESOURCE_NOT_FOUND",
                     *           "error_message": "text",
                     *           "estimated_time_remaining": 1,
                     *           "file_size": 1,
                     *           "filename": "talk.mp3",
                     *           "finished_at": "2026-01-31T09:30:00.000Z",
                     *           "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *           "job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *           "language": "en",
                     *           "model": "base",
                     *           "model_name": "base",
                     *           "notes": "Recorded on the train.",
                     *           "original_filename": "talk.mp3",
                     *           "progress": 0,
                     *           "queue_position": 1,
                     *           "seconds_done": 1,
                     *           "seconds_total": 1,
                     *           "speakers": [
                     *             "S1"
                     *           ],
                     *           "speed": 1,
                     *           "stage": "text",
                     *           "starred": false,
                     *           "started_at": "2026-01-31T09:30:00.000Z",
                     *           "status": "queued",
                     *           "tags": [
                     *             "interview"
                     *           ],
                     *           "title": "About the engine",
                     *           "transcript": "And now the analytical engine.",
                     *           "transcript_edited": false,
                     *           "transcript_file": "text",
                     *           "updated_at": "2026-01-31T09:30:00.000Z"
                     *         }
                     *       ],
                     *       "limit": 1,
                     *       "pagination": {
                     *         "has_more": false,
                     *         "limit": 1,
                     *         "next_cursor": "text",
                     *         "skip": 1,
                     *         "total": 1
                     *       },
                     *       "skip": 1,
                     *       "total": 1
                     *     }
                     */
                    "application/json": components["schemas"]["JobList"];
                };
            };
        };
    };
    createJob: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "file": "talk.mp3"
                 *     }
                 */
                "multipart/form-data": components["schemas"]["JobForm"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "duplicate_of": "text",
                     *       "errors": [
                     *         {}
                     *       ],
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "jobs": [
                     *         {}
                     *       ],
                     *       "message": "Job not found",
                     *       "queue_job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "status": "queued",
                     *       "user_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b"
                     *     }
                     */
                    "application/json": components["schemas"]["JobCreated"];
                };
            };
        };
    };
    getJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "archived": false,
                     *       "attempts": 1,
                     *       "code": null,
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "detected_language": "en",
                     *       "download_url": "/jobs/0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b/download",
                     *       "duration": 1,
                     *       "error_code": "RESOURCE_NOT_FOUND",
                     *       "error_message": "text",
                     *       "estimated_time_remaining": 1,
                     *       "file_size": 1,
                     *       "filename": "talk.mp3",
                     *       "finished_at": "2026-01-31T09:30:00.000Z",
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "language": "en",
                     *       "model": "base",
                     *       "model_name": "base",
                     *       "notes": "Recorded on the train.",
                     *       "original_filename": "talk.mp3",
                     *       "progress": 0,
                     *       "queue_position": 1,
                     *       "seconds_done": 1,
                     *       "seconds_total": 1,
                     *       "speakers": [
                     *         "S1"
                     *       ],
                     *       "speed": 1,
                     *       "stage": "text",
                     *       "starred": false,
                     *       "started_at": "2026-01-31T09:30:00.000Z",
                     *       "status": "queued",
                     *       "tags": [
                     *         "interview"
                     *       ],
                     *       "title": "About the engine",
                     *       "transcript": "And now the analytical engine.",
                     *       "transcript_edited": false,
                     *       "transcript_file": "text",
                     *       "updated_at": "2026-01-31T09:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    deleteJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    changeJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "archived": false,
                 *       "notes": "Recorded on the train.",
                 *       "starred": false
                 *     }
                 */
                "application/json": components["schemas"]["JobPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "archived": false,
                     *       "attempts": 1,
                     *       "code": null,
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "detected_language": "en",
                     *       "download_url": "/jobs/0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b/download",
                     *       "duration": 1,
                     *       "error_code": "RESOURCE_NOT_FOUND",
                     *       "error_message": "text",
                     *       "estimated_time_remaining": 1,
                     *       "file_size": 1,
                     *       "filename": "talk.mp3",
                     *       "finished_at": "2026-01-31T09:30:00.000Z",
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "language": "en",
                     *       "model": "base",
                     *       "model_name": "base",
                     *       "notes": "Recorded on the train.",
                     *       "original_filename": "talk.mp3",
                     *       "progress": 0,
                     *       "queue_position": 1,
                     *       "seconds_done": 1,
                     *       "seconds_total": 1,
                     *       "speakers": [
                     *         "S1"
                     *       ],
                     *       "speed": 1,
                     *       "stage": "text",
                     *       "starred": false,
                     *       "started_at": "2026-01-31T09:30:00.000Z",
                     *       "status": "queued",
                     *       "tags": [
                     *         "interview"
                     *       ],
                     *       "title": "About the engine",
                     *       "transcript": "And now the analytical engine.",
                     *       "transcript_edited": false,
                     *       "transcript_file": "text",
                     *       "updated_at": "2026-01-31T09:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    getLibraryStats: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "archived": 1,
                     *       "by_status": {},
                     *       "starred": 1,
                     *       "tags": [
                     *         {
                     *           "jobs": 1,
                     *           "tag": "interview"
                     *         }
                     *       ],
                     *       "total": 1
                     *     }
                     */
                    "application/json": components["schemas"]["JobStats"];
                };
            };
        };
    };
    getJobProgress: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "current_segment": 1,
                     *       "estimated_time_remaining": 1,
                     *       "job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "progress": 1,
                     *       "seconds_done": 1,
                     *       "seconds_total": 1,
                     *       "speed": 1,
                     *       "stage": "text",
                     *       "status": "queued"
                     *     }
                     */
                    "application/json": components["schemas"]["JobProgress"];
                };
            };
        };
    };
    cancelJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "archived": false,
                     *       "attempts": 1,
                     *       "code": null,
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "detected_language": "en",
                     *       "download_url": "/jobs/0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b/download",
                     *       "duration": 1,
                     *       "error_code": "RESOURCE_NOT_FOUND",
                     *       "error_message": "text",
                     *       "estimated_time_remaining": 1,
                     *       "file_size": 1,
                     *       "filename": "talk.mp3",
                     *       "finished_at": "2026-01-31T09:30:00.000Z",
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "language": "en",
                     *       "model": "base",
                     *       "model_name": "base",
                     *       "notes": "Recorded on the train.",
                     *       "original_filename": "talk.mp3",
                     *       "progress": 0,
                     *       "queue_position": 1,
                     *       "seconds_done": 1,
                     *       "seconds_total": 1,
                     *       "speakers": [
                     *         "S1"
                     *       ],
                     *       "speed": 1,
                     *       "stage": "text",
                     *       "starred": false,
                     *       "started_at": "2026-01-31T09:30:00.000Z",
                     *       "status": "queued",
                     *       "tags": [
                     *         "interview"
                     *       ],
                     *       "title": "About the engine",
                     *       "transcript": "And now the analytical engine.",
                     *       "transcript_edited": false,
                     *       "transcript_file": "text",
                     *       "updated_at": "2026-01-31T09:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    restartJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "archived": false,
                     *       "attempts": 1,
                     *       "code": null,
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "detected_language": "en",
                     *       "download_url": "/jobs/0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b/download",
                     *       "duration": 1,
                     *       "error_code": "RESOURCE_NOT_FOUND",
                     *       "error_message": "text",
                     *       "estimated_time_remaining": 1,
                     *       "file_size": 1,
                     *       "filename": "talk.mp3",
                     *       "finished_at": "2026-01-31T09:30:00.000Z",
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "language": "en",
                     *       "model": "base",
                     *       "model_name": "base",
                     *       "notes": "Recorded on the train.",
                     *       "original_filename": "talk.mp3",
                     *       "progress": 0,
                     *       "queue_position": 1,
                     *       "seconds_done": 1,
                     *       "seconds_total": 1,
                     *       "speakers": [
                     *         "S1"
                     *       ],
                     *       "speed": 1,
                     *       "stage": "text",
                     *       "starred": false,
                     *       "started_at": "2026-01-31T09:30:00.000Z",
                     *       "status": "queued",
                     *       "tags": [
                     *         "interview"
                     *       ],
                     *       "title": "About the engine",
                     *       "transcript": "And now the analytical engine.",
                     *       "transcript_edited": false,
                     *       "transcript_file": "text",
                     *       "updated_at": "2026-01-31T09:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    getTranscript: {
        parameters: {
            query?: {
                /** @description Not the current text but that of this version, by number (1: the machine's) or id */
                version?: string;
            };
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "archived": false,
                     *       "attempts": 1,
                     *       "code": null,
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "detected_language": "en",
                     *       "download_url": "/jobs/0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b/download",
                     *       "duration": 1,
                     *       "error_code": "RESOURCE_NOT_FOUND",
                     *       "error_message": "text",
                     *       "estimated_time_remaining": 1,
                     *       "file_size": 1,
                     *       "filename": "talk.mp3",
                     *       "finished_at": "2026-01-31T09:30:00.000Z",
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "language": "en",
                     *       "model": "base",
                     *       "model_name": "base",
                     *       "notes": "Recorded on the train.",
                     *       "original_filename": "talk.mp3",
                     *       "progress": 0,
                     *       "queue_position": 1,
                     *       "seconds_done": 1,
                     *       "seconds_total": 1,
                     *       "speakers": [
                     *         "S1"
                     *       ],
                     *       "speed": 1,
                     *       "stage": "text",
                     *       "starred": false,
                     *       "started_at": "2026-01-31T09:30:00.000Z",
                     *       "status": "queued",
                     *       "tags": [
                     *         "interview"
                     *       ],
                     *       "title": "About the engine",
                     *       "transcript": "And now the analytical engine.",
                     *       "transcript_edited": false,
                     *       "transcript_file": "text",
                     *       "updated_at": "2026-01-31T09:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    getTranscriptText: {
        parameters: {
            query?: {
                /** @description Not the current text but that of this version, by number (1: the machine's) or id */
                version?: string;
            };
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    downloadTranscript: {
        parameters: {
            query?: {
                /** @description txt, srt, vtt, tsv, json, lrc, csv, md or docx */
                format?: string;
                /** @description Times in md and docx. Default: true */
                times?: boolean;
                /** @description Names of speakers, in every format, where there are any. Default: true */
                speakers?: boolean;
                /** @description Not the current text but that of this version, by number (1: the machine's) or id */
                version?: string;
            };
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                    "application/x-subrip": string;
                    "text/vtt": string;
                    "application/json": string;
                    "text/tab-separated-values": string;
                    "text/csv": string;
                    "text/markdown": string;
                    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": string;
                };
            };
        };
    };
    downloadTranscriptAs: {
        parameters: {
            query?: {
                /** @description Names of speakers, in every format, where there are any. Default: true */
                speakers?: boolean;
                /** @description Not the current text but that of this version, by number (1: the machine's) or id */
                version?: string;
            };
            header?: never;
            path: {
                job_id: string;
                format: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                    "application/x-subrip": string;
                    "text/vtt": string;
                    "application/json": string;
                    "text/tab-separated-values": string;
                    "text/csv": string;
                    "text/markdown": string;
                    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": string;
                };
            };
        };
    };
    getMetadata: {
        parameters: {
            query?: {
                /** @description Not the current text but that of this version, by number (1: the machine's) or id */
                version?: string;
            };
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example {} */
                    "application/json": components["schemas"]["Metadata"];
                };
            };
        };
    };
    getJobLog: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    getAudio: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "audio/*": string;
                    "video/*": string;
                    "application/octet-stream": string;
                };
            };
            /** @description Error */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPeaks: {
        parameters: {
            query?: {
                /** @description At most */
                points?: number;
            };
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example {} */
                    "application/json": components["schemas"]["Peaks"];
                };
            };
        };
    };
    streamJob: {
        parameters: {
            query?: {
                /** @description true: go on after the job's end and say how its transcript is edited */
                follow?: boolean;
                /** @description As Last-Event-ID */
                last_event_id?: string;
            };
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
        };
    };
    listFormats: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "formats": [
                     *         {}
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Formats"];
                };
            };
        };
    };
    search: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "query": "analytical engine"
                 *     }
                 */
                "application/json": components["schemas"]["SearchRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "limit": 1,
                     *       "results": [
                     *         {
                     *           "job": {
                     *             "archived": false,
                     *             "attempts": 1,
                     *             "code": null,
                     *             "created_at": "2026-01-31T09:30:00.000Z",
                     *             "detected_language": "en",
                     *             "download_url": "/jobs/0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b/download",
                     *             "duration": 1,
                     *             "error_code": "RESOURCE_NOT_FOUND",
                     *             "error_message": "text",
                     *             "estimated_time_remaining": 1,
                     *             "file_size": 1,
                     *             "filename": "talk.mp3",
                     *             "finished_at": "2026-01-31T09:30:00.000Z",
                     *             "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *             "job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *             "language": "en",
                     *             "model": "base",
                     *             "model_name": "base",
                     *             "notes": "Recorded on the train.",
                     *             "original_filename": "talk.mp3",
                     *             "progress": 0,
                     *             "queue_position": 1,
                     *             "seconds_done": 1,
                     *             "seconds_total": 1,
                     *             "speakers": [
                     *               "S1"
                     *             ],
                     *             "speed": 1,
                     *             "stage": "text",
                     *             "starred": false,
                     *             "started_at": "2026-01-31T09:30:00.000Z",
                     *             "status": "queued",
                     *             "tags": [
                     *               "interview"
                     *             ],
                     *             "title": "About the engine",
                     *             "transcript": "And now the analytical engine.",
                     *             "transcript_edited": false,
                     *             "transcript_file": "text",
                     *             "updated_at": "2026-01-31T09:30:00.000Z"
                     *           },
                     *           "matches": [
                     *             {
                     *               "end": 1,
                     *               "highlights": [
                     *                 [
                     *                   1,
                     *                   1
                     *                 ]
                     *               ],
                     *               "start": 1,
                     *               "text": "And now the analytical engine.",
                     *               "turn": "text"
                     *             }
                     *           ],
                     *           "score": 1
                     *         }
                     *       ],
                     *       "skip": 1,
                     *       "total": 1
                     *     }
                     */
                    "application/json": components["schemas"]["SearchResults"];
                };
            };
        };
    };
    searchQuickly: {
        parameters: {
            query?: {
                /** @description What to look for */
                q?: string;
                /** @description Default: 5 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "limit": 1,
                     *       "results": [
                     *         {
                     *           "job": {
                     *             "archived": false,
                     *             "attempts": 1,
                     *             "code": null,
                     *             "created_at": "2026-01-31T09:30:00.000Z",
                     *             "detected_language": "en",
                     *             "download_url": "/jobs/0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b/download",
                     *             "duration": 1,
                     *             "error_code": "RESOURCE_NOT_FOUND",
                     *             "error_message": "text",
                     *             "estimated_time_remaining": 1,
                     *             "file_size": 1,
                     *             "filename": "talk.mp3",
                     *             "finished_at": "2026-01-31T09:30:00.000Z",
                     *             "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *             "job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *             "language": "en",
                     *             "model": "base",
                     *             "model_name": "base",
                     *             "notes": "Recorded on the train.",
                     *             "original_filename": "talk.mp3",
                     *             "progress": 0,
                     *             "queue_position": 1,
                     *             "seconds_done": 1,
                     *             "seconds_total": 1,
                     *             "speakers": [
                     *               "S1"
                     *             ],
                     *             "speed": 1,
                     *             "stage": "text",
                     *             "starred": false,
                     *             "started_at": "2026-01-31T09:30:00.000Z",
                     *             "status": "queued",
                     *             "tags": [
                     *               "interview"
                     *             ],
                     *             "title": "About the engine",
                     *             "transcript": "And now the analytical engine.",
                     *             "transcript_edited": false,
                     *             "transcript_file": "text",
                     *             "updated_at": "2026-01-31T09:30:00.000Z"
                     *           },
                     *           "matches": [
                     *             {
                     *               "end": 1,
                     *               "highlights": [
                     *                 [
                     *                   1,
                     *                   1
                     *                 ]
                     *               ],
                     *               "start": 1,
                     *               "text": "And now the analytical engine.",
                     *               "turn": "text"
                     *             }
                     *           ],
                     *           "score": 1
                     *         }
                     *       ],
                     *       "skip": 1,
                     *       "total": 1
                     *     }
                     */
                    "application/json": components["schemas"]["SearchResults"];
                };
            };
        };
    };
    getDocument: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "duration": 1,
                     *       "job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "language": "en",
                     *       "revision": 1,
                     *       "speakers": [
                     *         {
                     *           "color": 0,
                     *           "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *           "name": "laptop",
                     *           "rev": 1
                     *         }
                     *       ],
                     *       "turns": [
                     *         {
                     *           "end": 0,
                     *           "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *           "note": "Check this name.",
                     *           "pos": "text",
                     *           "rev": 1,
                     *           "speaker": "S1",
                     *           "start": 0,
                     *           "words": [
                     *             {
                     *               "e": 0,
                     *               "i": 0,
                     *               "p": 0,
                     *               "s": 0,
                     *               "t": "text",
                     *               "x": 0
                     *             }
                     *           ]
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Document"];
                };
            };
        };
    };
    getDocumentChanges: {
        parameters: {
            query?: {
                /** @description The revision that is known */
                since?: number;
            };
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "deleted_speakers": [
                     *         "text"
                     *       ],
                     *       "deleted_turns": [
                     *         "text"
                     *       ],
                     *       "revision": 1,
                     *       "speakers": [
                     *         {
                     *           "color": 0,
                     *           "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *           "name": "laptop",
                     *           "rev": 1
                     *         }
                     *       ],
                     *       "turns": [
                     *         {
                     *           "end": 0,
                     *           "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *           "note": "Check this name.",
                     *           "pos": "text",
                     *           "rev": 1,
                     *           "speaker": "S1",
                     *           "start": 0,
                     *           "words": [
                     *             {
                     *               "e": 0,
                     *               "i": 0,
                     *               "p": 0,
                     *               "s": 0,
                     *               "t": "text",
                     *               "x": 0
                     *             }
                     *           ]
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["DocumentDelta"];
                };
            };
        };
    };
    changeDocument: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "change_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                 *       "changes": [
                 *         {
                 *           "op": "put_turn",
                 *           "if_rev": 0
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["DocumentChanges"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "revision": 1,
                     *       "revs": {}
                     *     }
                     */
                    "application/json": components["schemas"]["DocumentApplied"];
                };
            };
        };
    };
    listVersions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "author": "text",
                     *         "created_at": "2026-01-31T09:30:00.000Z",
                     *         "kind": "machine",
                     *         "label": "text",
                     *         "result_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *         "revision": 1,
                     *         "version": 1,
                     *         "words": 1
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["TranscriptVersions"];
                };
            };
        };
    };
    createVersion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "label": "text"
                 *     }
                 */
                "application/json": components["schemas"]["NewVersion"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "author": "text",
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "kind": "machine",
                     *       "label": "text",
                     *       "result_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "revision": 1,
                     *       "version": 1,
                     *       "words": 1
                     *     }
                     */
                    "application/json": components["schemas"]["TranscriptVersion"];
                };
            };
        };
    };
    getVersionDocument: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "duration": 1,
                     *       "job_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "language": "en",
                     *       "revision": 1,
                     *       "speakers": [
                     *         {
                     *           "color": 0,
                     *           "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *           "name": "laptop",
                     *           "rev": 1
                     *         }
                     *       ],
                     *       "turns": [
                     *         {
                     *           "end": 0,
                     *           "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *           "note": "Check this name.",
                     *           "pos": "text",
                     *           "rev": 1,
                     *           "speaker": "S1",
                     *           "start": 0,
                     *           "words": [
                     *             {
                     *               "e": 0,
                     *               "i": 0,
                     *               "p": 0,
                     *               "s": 0,
                     *               "t": "text",
                     *               "x": 0
                     *             }
                     *           ]
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Document"];
                };
            };
        };
    };
    restoreVersion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "author": "text",
                     *       "created_at": "2026-01-31T09:30:00.000Z",
                     *       "kind": "machine",
                     *       "label": "text",
                     *       "result_id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "revision": 1,
                     *       "version": 1,
                     *       "words": 1
                     *     }
                     */
                    "application/json": components["schemas"]["TranscriptVersion"];
                };
            };
        };
    };
    createTranscription: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "file": "talk.mp3",
                 *       "model": "base"
                 *     }
                 */
                "multipart/form-data": components["schemas"]["TranscriptionForm"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "duration": 1,
                     *       "language": "en",
                     *       "logprobs": [
                     *         {}
                     *       ],
                     *       "segments": [
                     *         {}
                     *       ],
                     *       "task": "text",
                     *       "text": "And now the analytical engine.",
                     *       "usage": {},
                     *       "words": [
                     *         {}
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Transcription"];
                    "text/plain": string;
                    "application/x-subrip": string;
                    "text/vtt": string;
                    "text/event-stream": string;
                };
            };
        };
    };
    createTranslation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "file": "talk.mp3",
                 *       "model": "base"
                 *     }
                 */
                "multipart/form-data": components["schemas"]["TranslationForm"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "duration": 1,
                     *       "language": "en",
                     *       "logprobs": [
                     *         {}
                     *       ],
                     *       "segments": [
                     *         {}
                     *       ],
                     *       "task": "text",
                     *       "text": "And now the analytical engine.",
                     *       "usage": {},
                     *       "words": [
                     *         {}
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Transcription"];
                    "text/plain": string;
                    "application/x-subrip": string;
                    "text/vtt": string;
                };
            };
        };
    };
    createChatCompletion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /** @example {} */
                "application/octet-stream": components["schemas"]["ChatBody"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "choices": [
                     *         {}
                     *       ],
                     *       "created": 1,
                     *       "id": "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b",
                     *       "model": "base",
                     *       "object": "chat.completion"
                     *     }
                     */
                    "application/json": components["schemas"]["ChatCompletion"];
                };
            };
        };
    };
    listModels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "created": 1,
                     *           "id": "base",
                     *           "object": "model",
                     *           "owned_by": "text"
                     *         }
                     *       ],
                     *       "object": "list"
                     *     }
                     */
                    "application/json": components["schemas"]["OpenAiModelList"];
                };
            };
        };
    };
    getModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                model: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "created": 1,
                     *       "id": "base",
                     *       "object": "model",
                     *       "owned_by": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["OpenAiModel"];
                };
            };
        };
    };
}
