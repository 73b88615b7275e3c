"""The pages behind sign-up and mailed links. GET shows, POST acts."""
